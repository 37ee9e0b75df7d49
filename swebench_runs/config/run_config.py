"""The keys of a run's configuration: everything that decides what it does."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    field_serializer,
    field_validator,
)

from agent.models.endpoints.settings import RETRY_SECONDS, EndpointSettings
from agent.models.profiles import ModelProfile, PricePolicy, profile_for
from agent.scaffolds import scaffolds_of
from selection.rules import RULES, RUN_RULE
from verifiers.judges import JUDGES, WORDS


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Budget(_Frozen):
    """Ceilings; None: no ceiling."""

    turns: PositiveInt | None = None
    """Model calls."""
    tokens: PositiveInt | None = None
    """Prompt and completion tokens, added."""
    cost: Annotated[float, Field(gt=0)] | None = None
    """US dollars."""
    seconds: Annotated[float, Field(gt=0)] | None = None
    """Wall seconds."""


class Budgets(_Frozen):
    """The three nested levels of ceilings; how many turns a trajectory has is ``turns`` and its siblings."""

    trajectory: Budget = Budget()
    task: Budget = Budget()
    run: Budget = Budget()


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, int | float | str) else value


Numbers = Annotated[tuple[Annotated[float, Field(ge=0, le=2)], ...], Field(min_length=1), BeforeValidator(_as_tuple)]
Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


def _as_addresses(value: object) -> object:
    """Read one address, several with commas between them, or a list; a slip of the pen is told."""
    given = (value,) if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
        return given
    found = dict.fromkeys(one.strip() for part in given for one in part.split(",") if one.strip())
    for address in found:
        if not address.startswith(("http://", "https://")):
            raise ValueError(f"{address!r} is no address: begin it with http:// or https://, such as http://{address}")
    return tuple(found) or None


Addresses = Annotated[tuple[str, ...] | None, BeforeValidator(_as_addresses)]


def _as_judges(value: object) -> object:
    """Read a truth value, however it is spelt, as ``on`` or ``off``."""
    word = str(value).lower() if isinstance(value, bool | str) else value
    return _as_tuple({"true": "on", "yes": "on", "false": "off", "no": "off"}.get(str(word), value))


Judges = Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(_as_judges)]


class RunConfig(_Frozen):
    """Everything that decides what a run does. Unknown keys are errors."""

    subset: str = "starter"
    """A split's name, a JSONL file, or a dataset's name."""
    split: str = "test"
    shuffle: bool = False
    """Sort by id, then shuffle by a fixed seed, before ``filter`` and ``slice``."""
    filter: str = ""
    """A regular expression that an instance id must match from its start."""
    slice: str = ""
    """``start:stop`` or ``start:stop:step`` over what ``filter`` left."""
    instances: Names = ()
    """Only these instance ids; empty: all."""

    model: str = "local"
    """A litellm model string, or ``local``."""
    api_base: Addresses = None
    """Where the model is served, for an endpoint of one's own, or its replicas; None: where litellm finds it."""
    affinity_header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")] | None = None
    """A header that names the trajectory to a router, such as ``X-Session-ID``; None: none is sent."""
    rpm: PositiveInt | None = None
    """Requests a minute that the endpoint is sent at most; None: as many as it takes."""
    tpm: PositiveInt | None = None
    """Tokens a minute, prompt and answer, at most; None: as many as it takes."""
    retry_seconds: Annotated[float, Field(gt=0)] = RETRY_SECONDS
    """How long a call is tried again, and an endpoint waited for that answers nobody."""
    sandbox: Literal["auto", "docker", "bubblewrap"] = "auto"
    """``auto``: containers for hidden tests of tasks that have an image, and forks of it, unpacked, for all others."""
    repos: str | None = None
    """A folder of repositories, for a data set's tasks; None: those that are needed are cloned."""
    base_image: str | None = None
    """The Debian below the images that are built; None: a registry's."""
    image_template: str | None = None
    """The names of published images (``swebench``, ``epoch``, ... or text with ``{id}``); None: what a row names."""
    dockerfile: str = ""
    """Of ``runoff fix``: a Dockerfile of the checkout that its image is built by; empty: packages are installed."""
    image_budget: str | None = None
    """What all of Runoff's images may take on the engine, e.g. ``100GB``: those used longest ago go; None: no limit."""
    pull: bool = False
    """Take a task's published image instead of building one."""
    workers: PositiveInt = 4
    """Live trajectories at a time, over all tasks."""

    scaffold: str = "edit-and-test"
    """How editing trajectories work."""
    trajectories: PositiveInt = 4
    """Editing trajectories per task (the parallel budget)."""
    tests: NonNegativeInt = 2
    """Test trajectories per task."""
    turns: PositiveInt = 4
    """Model calls of one editing trajectory (the serial budget)."""
    test_turns: PositiveInt = 3
    """Model calls of one test trajectory."""
    runoff_turns: NonNegativeInt = 2
    """Model calls of the run-off; 0: no run-off."""
    temperatures: Numbers = (0.2, 0.6, 0.8, 1.0)
    """Editing or test trajectory number i samples at entry i modulo their number."""
    context_tokens: PositiveInt | None = None
    """What the model is shown of the repository, in tokens; None: what its profile says."""
    answer_tokens: PositiveInt | None = None
    """Ceiling of one answer without its thought, in tokens; None: what the model's profile says."""

    profile: tuple[ModelProfile, ...] = ()
    """Profiles of one's own, tried before the packaged ones; of each only the keys that it sets count."""
    reasoning_effort: str | None = None
    """How hard the model thinks: ``low``, ``medium``, ``high``, ``none`` or its vendor's word; None: its profile's."""
    model_kwargs: dict[str, Any] = {}
    """Passed to litellm with every request as they are, e.g. ``extra_headers``."""

    limits: Budgets = Budgets()
    price: PricePolicy | None = None
    """Where the price of a call comes from; None: what the model's profile says."""

    judge: Judges = ("auto",)
    """Judges by name, or ``auto``: the default one where the model returns log-probabilities; ``on``: always;
    ``off``: none."""
    early_stop: bool = True
    """End a task's sampling when enough trajectories agree and every gate is clean."""
    rule: str = RUN_RULE
    """The rule that orders the candidates of a task."""
    rules: Names = ()
    """The rules that the report compares, however few the tasks; empty: all, from ten tasks on."""
    force: bool = False
    """Of ``runoff fix``: go on though the ground is bad (nothing can be imported, no test can be collected)."""
    abstain: bool = False
    """Withhold the patch where Runoff would not stand by it."""

    @field_validator("rule", "rules")
    @classmethod
    def _known(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for name in (value,) if isinstance(value, str) else value:
            if name not in RULES:
                raise ValueError(f"no rule {name!r}{nearest(name, RULES)}")
        return value

    @field_validator("scaffold")
    @classmethod
    def _known_scaffold(cls, value: str) -> str:
        if value not in (known := scaffolds_of("edit")):
            raise ValueError(f"no scaffold {value!r} that edits{nearest(value, known)}")
        return value

    @field_validator("judge")
    @classmethod
    def _known_judges(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) == 1 and value[0] in WORDS:
            return value
        for name in value:
            if name not in JUDGES:
                raise ValueError(f"no judge {name!r}{nearest(name, (*JUDGES, *WORDS))}")
        return value

    seed: int = 0
    suite_timeout: Annotated[float, Field(gt=0)] = 120.0
    """Seconds for one run of the repository's own tests."""
    script_timeout: Annotated[float, Field(gt=0)] = 20.0
    """Seconds for one run of a generated test."""
    grade_timeout: Annotated[float, Field(gt=0)] = 1800.0
    """Seconds for one run of a data set's hidden tests."""

    @field_serializer("profile")
    def _as_written(self, profiles: tuple[ModelProfile, ...]) -> list[dict[str, Any]]:
        return [profile.model_dump(mode="json", exclude_unset=True) for profile in profiles]

    def profile_of(self, model: str) -> ModelProfile:
        """Return all that is known of a model in this run: what the configuration says stands above its profile."""
        said: dict[str, Any] = {
            "shown_tokens": self.context_tokens,
            "answer_tokens": self.answer_tokens,
            "reasoning_effort": self.reasoning_effort,
            "price": self.price,
        }
        own = {key: value for key, value in said.items() if value is not None}
        return profile_for(model, self.profile, above=own, kwargs=self.model_kwargs)

    @property
    def endpoints(self) -> EndpointSettings:
        """How the model's endpoint is reached and how hard it may be asked."""
        return EndpointSettings(self.api_base or (), self.affinity_header, self.rpm, self.tpm, self.retry_seconds)

    @property
    def suite_seconds(self) -> float:
        """Seconds for one run of the repository's own tests in a task: its two runs on the base may take a quarter."""
        seconds = self.limits.task.seconds
        return self.suite_timeout if seconds is None else min(self.suite_timeout, seconds / 8)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the end of a message about an unknown name: the nearest known one, or all of them."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
    return f"; did you mean {close[0]!r}?" if close else f" (there are: {', '.join(sorted(names)[:20])})"
