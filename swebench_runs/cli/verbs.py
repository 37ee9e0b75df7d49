"""The group of all verbs: what is said of one that does not exist."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup


class Verbs(TyperGroup):
    """Names the nearest verb, where typer's own group only does for the very near."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As typer.core.TyperGroup.resolve_command; raises UsageError, in one line, for a verb that does not exist."""
        name = args[0]
        if name not in self.commands and not name.startswith("-"):
            from swebench_runs.config import nearest
            from swebench_runs.errors import UsageError

            said = nearest(name, [*self.commands, "resume"])
            if "'resume'" in said:
                said = ": a run goes on by the same command that began it"
            raise UsageError(f"no command {name!r}{said}")
        return super().resolve_command(ctx, args)
