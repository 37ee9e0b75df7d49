"""``runoff bot``: one file a verb. ``swebench_runs/cli/bot.py`` hangs the group into the command; imports are light."""

from github_bot.cli.group import app

__all__ = ["app"]
