"""``runoff bot``: the verbs of github_bot, which stands on this package and is found by its name, never imported."""

from __future__ import annotations

from importlib import import_module

import typer

app: typer.Typer = import_module("github_bot.cli").app
