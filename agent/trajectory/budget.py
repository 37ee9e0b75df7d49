"""Accounts: the worst case of a call is reserved before it is sent and settled after, so every limit is a ceiling."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from types import TracebackType
from typing import Literal, Protocol, Self, TypeVar

from agent.models.contract import ContextOverflow, ModelUnusable, RequestRefused, Usage
from agent.models.prices import Price
from agent.trajectory.trajectory import Ending

N = TypeVar("N", int, float)
Resource = Literal["turns", "tokens", "cost", "seconds"]

ANSWER_FLOOR = 128
"""A call whose answer could not have this many tokens is not worth its prompt."""

_ENDINGS = {
    "turns": Ending.TURN_LIMIT,
    "tokens": Ending.TOKEN_LIMIT,
    "cost": Ending.COST_LIMIT,
    "seconds": Ending.TIME_LIMIT,
}


class BudgetExceeded(Exception):
    """A call was not made because its worst case would pass a ceiling."""

    def __init__(self, kind: Resource, why: str) -> None:
        super().__init__(why)
        self.kind = kind

    @property
    def ending(self) -> Ending:
        """The ending of a trajectory that this stops."""
        return _ENDINGS[self.kind]


class UnknownPrice(ModelUnusable):
    """A money limit was set for a model whose price nobody has given (a usage error)."""


class Ceilings(Protocol):
    """What may be spent; None: no ceiling."""

    @property
    def turns(self) -> int | None:
        """Model calls."""
        ...

    @property
    def tokens(self) -> int | None:
        """Prompt and completion tokens, added."""
        ...

    @property
    def cost(self) -> float | None:
        """US dollars."""
        ...

    @property
    def seconds(self) -> float | None:
        """Wall seconds."""
        ...


@dataclass(frozen=True)
class FixedCeilings:
    """Plain ceilings (see `Ceilings`)."""

    turns: int | None = None
    tokens: int | None = None
    cost: float | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Amount:
    """What was spent, or is held for calls on their way."""

    turns: int = 0
    tokens: int = 0
    cost: float = 0.0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.turns + other.turns, self.tokens + other.tokens, self.cost + other.cost)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.turns - other.turns, self.tokens - other.tokens, self.cost - other.cost)


class Ledger:
    """The account of one trajectory, stage, task or run, nested by ``parent``: a call counts at every level above it.

    Safe under many threads. ``seconds`` is wall time since the ledger was opened: a deadline that all below share.
    """

    def __init__(
        self,
        limits: Ceilings | None = None,
        parent: Ledger | None = None,
        clock: Callable[[], float] = time.monotonic,
        grace: float = 0.0,
        knows_records: bool = False,
    ) -> None:
        """``grace``: seconds that a call sent before the deadline may go on beyond it.

        ``knows_records``: what is on record is charged to this account itself when it is opened, and counts no more
        when an account below reads it back: each try of a task does so.
        """
        self.limits: Ceilings = limits or FixedCeilings()
        self._grace = grace
        self._knows_records = knows_records
        self._parent = parent
        self._clock: Callable[[], float] = parent._clock if parent else clock
        self._lock: threading.Lock = parent._lock if parent else threading.Lock()
        self._opened = self._clock()
        self._spent = Amount()
        self._held = Amount()

    @property
    def spent(self) -> Amount:
        """What settled calls took."""
        return self._spent

    def child(self, limits: Ceilings | None = None) -> Ledger:
        """Open an account below this one. What a child leaves unspent stays here for those who come later."""
        return Ledger(limits, parent=self)

    def stage(self, keep: float = 0.0) -> Ledger:
        """Open an account for one stage: all that is left here but the share ``keep`` of this ledger's ceilings.

        The next stage's account starts from what this one did not spend. A call on its way at the stage's deadline
        may take half of the time that was kept.
        """
        with self._lock:
            used = self._spent + self._held
            return Ledger(
                FixedCeilings(
                    turns=_rest(self.limits.turns, used.turns, keep, int),
                    tokens=_rest(self.limits.tokens, used.tokens, keep, int),
                    cost=_rest(self.limits.cost, used.cost, keep, float),
                    seconds=_rest(self.limits.seconds, self._seconds(), keep, float),
                ),
                parent=self,
                grace=(self.limits.seconds or 0.0) * keep / 2,
            )

    def limited(self, *kinds: Resource) -> bool:
        """Tell whether this ledger or one above it has a ceiling of one of these kinds."""
        return any(getattr(level.limits, kind) is not None for level in self._chain() for kind in kinds)

    def left(self, kind: Literal["tokens", "cost"]) -> tuple[float, float] | None:
        """Return what settled calls have left of the nearest ceiling, here and above, and the least share left of any.

        None where there is no ceiling. Of a ledger above, what is left is shared with whoever else spends there.
        """
        limits = [(float(limit), level) for level in self._chain() if (limit := getattr(level.limits, kind))]
        if not limits:
            return None
        rests = [(max(0.0, limit - getattr(level.spent, kind)), limit) for limit, level in limits]
        return min(rest for rest, _ in rests), min(rest / limit for rest, limit in rests)

    def seconds_left(self, *, call: bool = False) -> float:
        """Return the wall seconds until the nearest deadline; infinite where there is none, never negative.

        ``call``: of a model call that is sent now, which may go on for the grace of each deadline.
        """
        levels = [level for level in self._chain() if level.limits.seconds is not None]
        left = (float(level.limits.seconds or 0) + level._grace * call - level._seconds() for level in levels)
        return max(0.0, min(left, default=1e999))

    def reserve(
        self, prompt_tokens: int, max_tokens: int, n: int, price: Price | None, floor: int = ANSWER_FLOOR
    ) -> Reservation:
        """Hold the worst case of a call at every level, lowering ``max_tokens`` (not below ``floor``) to what is left.

        Worst case: the prompt is paid once per choice (an emulated ``n``), and nothing of it is cached.
        Raises BudgetExceeded, or UnknownPrice when there is a money limit and no price.
        """
        if price is None and self.limited("cost"):
            raise UnknownPrice(
                "a money limit is set but the model's price is unknown; give a price policy (zero or table)"
            )
        floor = min(floor, max_tokens)
        price = price and price.worst(prompt_tokens)
        with self._lock:
            self._refuse_if_over(_worst(prompt_tokens, floor, n, price))
            affordable = min(
                (level._affordable(prompt_tokens, n, price) for level in self._chain()), default=max_tokens
            )
            granted = max(floor, int(min(max_tokens, affordable)))  # affordable may be infinite
            amount = _worst(prompt_tokens, granted, n, price)
            for level in self._chain():
                level._held += amount
        return Reservation(self, amount, granted)

    def charge(self, usage: Usage, cost: float | None, *, seconds: float = 0.0) -> None:
        """Count a call that is known to have happened, e.g. one read back from a journal; never refused.

        It counts at every level above too, up to one that knows what is on record. ``seconds`` move this ledger's
        deadline only: the ones above ran several trajectories in that time.
        """
        above = takewhile(lambda level: not level._knows_records, self._chain()[1:])
        with self._lock:
            for level in (self, *above):
                level._spent += Amount(1, _tokens(usage), cost or 0.0)
        self.backdate(seconds)

    def backdate(self, seconds: float) -> None:
        """Count wall seconds of earlier sittings against this ledger's own deadline."""
        with self._lock:
            self._opened -= seconds

    def _settle(self, held: Amount, spent: Amount) -> None:
        with self._lock:
            for level in self._chain():
                level._held -= held
                level._spent += spent

    def _chain(self) -> list[Ledger]:
        return [self, *(self._parent._chain() if self._parent else [])]

    def _seconds(self) -> float:
        return self._clock() - self._opened

    def _refuse_if_over(self, amount: Amount) -> None:
        for level in self._chain():
            after = level._spent + level._held + amount
            limits = level.limits
            if limits.seconds is not None and level._seconds() >= limits.seconds:
                raise BudgetExceeded("seconds", f"the {limits.seconds:g} seconds are over")
            if limits.turns is not None and after.turns > limits.turns:
                raise BudgetExceeded("turns", f"the {limits.turns} model calls are used up")
            if limits.tokens is not None and after.tokens > limits.tokens:
                raise BudgetExceeded("tokens", f"the call could take the tokens to {after.tokens} of {limits.tokens}")
            if limits.cost is not None and after.cost > limits.cost:
                raise BudgetExceeded("cost", f"the call could take the cost to {after.cost:.4f} of {limits.cost:g} $")

    def _affordable(self, prompt_tokens: int, n: int, price: Price | None) -> float:
        """Return how many tokens each of ``n`` answers may have at this level."""
        used = self._spent + self._held
        bounds = [float("inf")]
        if self.limits.tokens is not None:
            bounds.append((self.limits.tokens - used.tokens) / n - prompt_tokens)
        if self.limits.cost is not None and price and price.completion:
            left = (self.limits.cost - used.cost) / n - prompt_tokens * price.prompt
            bounds.append(left / price.completion)
        return min(bounds)


class Reservation:
    """The worst case of one call; a context manager that settles it whatever happens."""

    def __init__(self, ledger: Ledger, amount: Amount, max_tokens: int) -> None:
        self.max_tokens = max_tokens
        """What each answer may have."""
        self._ledger = ledger
        self._amount = amount
        self._settled = False

    def settle(self, usage: Usage, cost: float | None) -> None:
        """Replace the worst case by what the call took. A cost that is unknown counts as its worst case."""
        self._replace(Amount(1, _tokens(usage), self._amount.cost if cost is None else cost))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Count a call that gave no answer: one turn if it was refused, else its worst case, for it may be billed."""
        if not self._settled:
            refused = isinstance(error, ModelUnusable | RequestRefused | ContextOverflow)
            self._replace(Amount(1) if refused else self._amount)

    def _replace(self, spent: Amount) -> None:
        self._settled = True
        self._ledger._settle(self._amount, spent)


def _worst(prompt_tokens: int, max_tokens: int, n: int, price: Price | None) -> Amount:
    usage = Usage(prompt_tokens=prompt_tokens * n, completion_tokens=max_tokens * n)
    return Amount(1, _tokens(usage), price.of(usage) if price else 0.0)


def _tokens(usage: Usage) -> int:
    return usage.prompt_tokens + usage.completion_tokens


def _rest(limit: float | None, used: float, keep: float, kind: Callable[[float], N]) -> N | None:
    return None if limit is None else kind(max(0.0, limit - used - keep * limit))
