"""What a tool of the loop is, and the box that finds and checks what is called."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.scaffolds.tools.calling.calls import Call, Malformed


class Arguments(BaseModel):
    """What a tool is called with; others than these are wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Done:
    """What a call did: what the model is told, and whether the trajectory has what it wants."""

    told: str
    over: bool = False
    waits: bool = False
    """The model must have read this before the same tool is called again: not within one answer."""
    changed: bool = False
    """It may have changed something: files, whether or not they are part of the patch."""


class Tool(Protocol):
    """One tool. Its ``use`` raises nothing for what a model may do wrong: it tells so."""

    @property
    def name(self) -> str:
        """What it is called by."""
        ...

    @property
    def about(self) -> str:
        """What it does, as a model reads it."""
        ...

    @property
    def arguments(self) -> type[Arguments]:
        """What it takes."""
        ...

    def use(self, arguments: Any) -> Done:
        """Do it."""
        ...


@dataclass
class ToolBox:
    """The tools of one trajectory."""

    tools: Sequence[Tool]
    _by_name: dict[str, Tool] = field(init=False)
    _functions: tuple[Mapping[str, Any], ...] = field(init=False)

    def __post_init__(self) -> None:
        self._by_name = {tool.name: tool for tool in self.tools}
        self._functions = tuple(map(_function, self.tools))

    @property
    def names(self) -> Collection[str]:
        """What its tools are called by."""
        return self._by_name.keys()

    def functions(self) -> tuple[Mapping[str, Any], ...]:
        """Return the tools in OpenAI's form: each time the same objects, for they go into every request."""
        return self._functions

    def fits(self, call: Call) -> Malformed | tuple[Tool, Arguments]:
        """Return who carries a call out, with its arguments read; or what is wrong with it."""
        tool = self._by_name.get(call.name)
        if tool is None:
            known = ", ".join(f"`{name}`" for name in self._by_name)
            return Malformed(call.name, f"there is no tool `{call.name[:60]}`: there are {known}", call.id)
        try:
            return tool, tool.arguments.model_validate(dict(call.arguments))
        except ValidationError as error:
            return Malformed(call.name, f"wrong arguments of `{call.name}`: {_problems(error)}", call.id)


def _function(tool: Tool) -> Mapping[str, Any]:
    about = {"name": tool.name, "description": tool.about, "parameters": _schema(tool.arguments)}
    return {"type": "function", "function": about}


def _problems(error: ValidationError) -> str:
    said = []
    for one in error.errors(include_url=False, include_context=False)[:4]:
        where = ".".join(str(part) for part in one["loc"])
        what = one["msg"].removeprefix("Value error, ")
        said.append(f"{where}: {what}" if where else what)
    return "; ".join(said)


@cache
def _schema(arguments: type[Arguments]) -> dict[str, Any]:
    """Return the arguments' schema without pydantic's titles, which say nothing."""
    schema = arguments.model_json_schema()
    schema.pop("description", None)
    untitled: dict[str, Any] = _untitled(schema)
    return untitled


def _untitled(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_untitled(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key != "title" or not isinstance(value, str)}
    options = kept.get("anyOf")
    if options and len(options) == 2 and {"type": "null"} in options:  # "may be left out" is told by `required`
        only = next(option for option in options if option != {"type": "null"})
        kept = {key: value for key, value in kept.items() if key not in ("anyOf", "default")} | only
    return {key: _untitled(value) for key, value in kept.items()}
