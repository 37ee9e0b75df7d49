"""The tool ``bash``: one command line, from the repository's top, with a time limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from agent.scaffolds.tools.calling.tool import Arguments, Done
from agent.scaffolds.tools.shown import shown_output
from agent.trajectory.workspace import CommandResult, Workspace

USUAL_SECONDS = 60.0
MOST_SECONDS = 1800.0

_READERS = "cat|head|tail|ls|grep|egrep|fgrep|rg|find|wc|pwd|echo|file|stat|which|nl|tree|du|sort|uniq|cut|true|cd"
_GIT = r"git +(?:-\S+ +)*(?:status|log|diff|show|grep|ls-files|blame)"
_PLAIN = re.compile(rf"\s*(?:(?:{_READERS}|{_GIT}|sed +-n)\b[^<>`$&]*)\s*")
_WRITING = re.compile(r"-(?:delete|exec|execdir|ok|fprint)\b|\s-o\b|--output|>")
_QUIET = re.compile(r"\d?>\s*/dev/null|2>&1")


class BashArguments(Arguments):
    """What ``bash`` takes."""

    command: Annotated[str, Field(min_length=1, description="The command line.")]
    timeout: Annotated[
        float | None,
        Field(
            gt=0,
            description=f"Seconds after which it is ended; {USUAL_SECONDS:g} unless given, {MOST_SECONDS:g} at most.",
        ),
    ] = None


@dataclass
class Bash:
    """Runs commands in the trajectory's tree."""

    workspace: Workspace
    room: int
    changed: Callable[[bool], str] = lambda full: ""
    """Is called after each command that may have changed the tree, told whether the sandbox's disk is used up; says
    what the model must know of that."""
    answered: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    """Commands that the harness answers itself, where one is the whole command."""
    name: str = "bash"
    about: str = (
        "Run a command line by bash, from the top of the repository: each call is a new shell, so begin with "
        "`cd folder &&` where it matters. Exit code and output (both streams) come back; no input can be typed, "
        "and nothing goes on running after the call."
    )
    arguments: type[BashArguments] = BashArguments

    def use(self, arguments: BashArguments) -> Done:
        """Run one command."""
        if own := self.answered.get(arguments.command.strip()):
            return Done(own())
        limit = min(arguments.timeout or USUAL_SECONDS, MOST_SECONDS)
        result = self.workspace.run(arguments.command, timeout=limit)
        full = result.killed == "disk"
        told = _told(result, limit, self.room)
        changes = full or not only_reads(arguments.command)
        if changes:
            told = "\n".join(part for part in (told, self.changed(full)) if part)
        return Done(told, changed=changes)


def only_reads(command: str) -> bool:
    """Tell whether a command line plainly changes nothing: a pipe of programs that only read."""
    quiet = _QUIET.sub("", command)
    return not _WRITING.search(quiet) and all(_PLAIN.fullmatch(part) for part in re.split(r"\|\||&&|[|;\n]", quiet))


def _told(result: CommandResult, limit: float, room: int) -> str:
    output = shown_output(result.output, room) or "(no output)"
    if result.timed_out:
        end = (
            f"[ended at its limit of {limit:g} seconds, with all that it had started. If it waited for input: nothing "
            "can be typed, so give it by arguments or a pipe. If it needs longer: give a timeout, "
            f"{MOST_SECONDS:g} at most.]"
        )
        return f"{output}\n{end}"
    memory = "\n[ended, for it took all the memory that there is.]" if result.killed == "memory" else ""
    return f"exit code {result.exit_code}\n{output}{memory}"
