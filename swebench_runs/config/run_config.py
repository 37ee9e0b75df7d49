"""A run's configuration: its keys (`run_keys.py`), and what follows from several of them together."""

from __future__ import annotations

from math import inf
from typing import Any

from agent.models.endpoints.settings import EndpointSettings
from agent.models.prices import known_price
from agent.models.profiles import ModelProfile, profile_for
from agent.models.roles import Pool, Role
from agent.scaffolds.mix import Mix
from environments.sandboxes.contract import Limits
from swebench_runs.config.key_kinds import Budget
from swebench_runs.config.run_keys import RunKeys
from verifiers.judges import asked

USUAL_TEMPERATURES = (0.2, 0.6, 0.8, 1.0)
"""Of models that are not run as their vendor has set them: the first attempts are cautious, the others differ."""


class RunConfig(RunKeys):
    """Everything that decides what a run does, and what it comes to for a model, a role, a trajectory."""

    def profile_of(self, model: str) -> ModelProfile:
        """Return all that is known of a model in this run: what the configuration says stands above its profile.

        ``price`` is that of a run's one model; where there are several, of those whose price nobody else knows.
        """
        said: dict[str, Any] = {
            "shown_tokens": self.context_tokens,
            "answer_tokens": self.answer_tokens,
            "reasoning_effort": self.reasoning_effort,
            "price": self.price,
        }
        own = {key: value for key, value in said.items() if value is not None}
        if model in self.measured_judges:
            own["judges"] = self.measured_judges[model]
        if self.mix and "tools" not in self.mix.pool.names:
            own = {"shown_tokens": self._shown_without_tools(model), **own}
        if self.price and {model} != self._named() and known_price(model, profile_for(model, self.profile)) is not None:
            del own["price"]
        found = profile_for(model, self.profile, above=own, kwargs=self.model_kwargs)
        if "tools" in found.model_fields_set or not (self.mix and "tools" in self.mix.pool.names):
            return found
        # Nobody has said whether it calls functions, and the user has it work with tools: an endpoint that refuses
        # functions, or garbles them, is asked by blocks of text after that.
        return profile_for(model, self.profile, above={**own, "tools": True}, kwargs=self.model_kwargs)

    def temperature_of(self, index: int, profile: ModelProfile) -> float | None:
        """Return at what a trajectory samples, by its number; None: as the vendor has set it."""
        if self.temperatures is None and profile.own_temperature:
            return None
        temperatures = self.temperatures or USUAL_TEMPERATURES
        return temperatures[index % len(temperatures)]

    def _shown_without_tools(self, model: str) -> float:
        """Return how much a model is shown that is not run with tools, whatever its profile says of how it works."""
        profile = profile_for(model, self.profile)
        return profile.model_copy(update={"scaffold": ""}).shown

    def _named(self) -> set[str]:
        spelt = (self.model, *(text for text in self.roles.model_dump().values() if text))
        return {name for text in spelt for name in Pool.parse(text).names}

    def pool_of(self, role: Role) -> Pool:
        """Return the models that play a role, with their weights."""
        return Pool.parse(getattr(self.roles, role) or self.model)

    def players(self) -> dict[Role, tuple[str, ...]]:
        """Return the roles that this run has, each with its models."""
        one: dict[Role, str] = {"judge": self.pool_of("judge").first, "runoff": self.pool_of("runoff").first}
        judged = bool(asked(self.judge, self.profile_of(one["judge"])))
        return {
            **({"locate": (self.pool_of("locate").first,)} if self.locate != "none" else {}),
            **({"test": self.pool_of("test").names} if self.tests else {}),
            **({} if self.given else {"edit": self.pool_of("edit").names}),
            **({"judge": (one["judge"],)} if judged else {}),
            **({"runoff": (one["runoff"],)} if self.runoff_turns != 0 else {}),
        }

    @property
    def models(self) -> tuple[str, ...]:
        """Every model that plays a role in this run, those that edit first."""
        players = self.players()
        return tuple(dict.fromkeys(name for names in (players.get("edit", ()), *players.values()) for name in names))

    @property
    def mix(self) -> Mix | None:
        """The scaffolds of editing trajectories; None: what each one's model is profiled with."""
        return Mix.parse(self.scaffold) if self.scaffold else None

    @property
    def editing(self) -> int:
        """Editing trajectories per task."""
        return self.mix.total(self.trajectories) if self.mix else self.trajectories

    def endpoints(self, model: str) -> EndpointSettings:
        """How a model's endpoint is reached and how hard it may be asked."""
        places = self.served_at.get(model, self.api_base) or ()
        return EndpointSettings(
            places, self.affinity_header, self.rpm, self.tpm, self.retry_seconds, self.call_seconds, self.calls
        )

    def ceilings(self) -> Limits:
        """Return the ceilings of the sandboxes that a checkout is worked on in."""
        return self.sandbox.limits().model_copy(update={"start_seconds": self.deadlines.start})

    @property
    def open_sandboxes(self) -> int:
        """Sandboxes that stand open at a time."""
        return self.sandboxes or max(256, 2 * self.workers)

    @property
    def trajectory_limits(self) -> Budget:
        """What one trajectory may spend: its limits, and no longer than its deadline."""
        seconds = min(self.limits.trajectory.seconds or inf, self.deadlines.trajectory)
        return self.limits.trajectory.model_copy(update={"seconds": seconds})

    @property
    def suite_seconds(self) -> float:
        """Seconds for one run of the repository's own tests in a task: its two runs on the base may take a quarter."""
        seconds = self.limits.task.seconds
        return self.suite_timeout if seconds is None else min(self.suite_timeout, seconds / 8)
