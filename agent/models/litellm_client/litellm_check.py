"""What litellm itself refuses of a request: asked of its own checks, before anything is sent."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Mapping
from typing import Any

from agent.models.litellm_import import litellm

log = logging.getLogger(__name__)


class LitellmCheck:
    """litellm's checks of parameters for one model. Safe under many threads; each set is checked once."""

    def __init__(self, model: str, api_base: str | None) -> None:
        self._model = model
        self._api_base = api_base
        self._names: tuple[str, str] | None = None
        self._known: dict[str, tuple[str, ...]] = {}

    def refused(self, spelled: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
        """Return those of the parameters that litellm would refuse, each beside those before it that it takes.

        ``spelled``: parameter -> the arguments that it is. What decides is their names and values, but of functions
        their presence alone.
        """
        key = json.dumps({name: name if name == "tools" else values for name, values in spelled.items()}, default=str)
        if key not in self._known:
            self._known[key] = self._checked(spelled)
        return self._known[key]

    def _checked(self, spelled: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
        if not self._why_not(spelled.values()):
            return ()
        taken: list[Mapping[str, Any]] = []
        refused = []
        for name, values in spelled.items():
            if why := self._why_not([*taken, values]):
                refused.append(name)
                log.info("%s: %s is not sent: %s", self._model, name, why)
            else:
                taken.append(values)
        return tuple(refused)

    def _why_not(self, all_values: Any) -> str:
        """Return why litellm refuses these arguments together; empty where it takes them, or knows no such vendor."""
        import openai  # late: slow to import; litellm's exceptions derive from its

        module = litellm()
        arguments: dict[str, Any] = {}
        for values in all_values:
            arguments |= {name: value for name, value in values.items() if name != "extra_body"}
        if not arguments:
            return ""
        try:
            if self._names is None:
                self._names = module.get_llm_provider(self._model, api_base=self._api_base)[:2]
        except openai.OpenAIError:
            return ""  # the call itself says so, in its own words
        try:
            module.utils.get_optional_params(
                model=self._names[0],
                custom_llm_provider=self._names[1],
                messages=[{"role": "user", "content": "-"}],
                drop_params=False,
                **copy.deepcopy(arguments),
            )
        except (openai.OpenAIError, ValueError) as error:
            return " ".join(str(error).split())[:200] or type(error).__name__
        return ""
