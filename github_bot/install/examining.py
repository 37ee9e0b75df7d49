"""``runoff bot doctor``: what must hold in a repository, looked up by API before anything is spent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from github_bot.artifact import branch_of
from github_bot.config import PATH, BotConfig, read_config
from github_bot.errors import GitHubError, NotConfigured
from github_bot.github.contract import Reader, RepositoryInfo
from github_bot.install.writing import WORKFLOW
from github_bot.solve.run_config import run_config

MODEL, KEY_NAME, SECRET = "RUNOFF_MODEL", "RUNOFF_MODEL_KEY_NAME", "RUNOFF_MODEL_KEY"


class Asked(Reader, Protocol):
    """A reader that can be asked for a repository's settings, too."""

    def setting(self, repository: str, *path: str) -> Any:
        """Return a setting as JSON; None where there is none. GitHubError where the token may not see it."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked up."""

    state: Literal["good", "bad", "unknown"]
    what: str
    """What is so, and for what is not good what to do."""


def examine(repository: str, github: Asked) -> Iterator[Finding]:
    """Yield what holds in a repository and what does not."""
    found = github.repository(repository)
    if found is None:
        yield Finding("bad", f"{repository} is not to be seen with this token: give it read access")
        return
    if found.archived or found.disabled:
        yield Finding("bad", f"{repository} is archived or disabled: nothing can be posted there")
        return
    yield Finding("good", f"{repository} can be read; its default branch is {found.default_branch}")
    config = None
    try:
        config = read_config(github.file(repository, PATH, found.default_branch))
        run_config(config, config.budget.run)
        yield Finding("good", f"{PATH} is valid")
    except NotConfigured as error:
        yield Finding("bad", str(error))
    yield from _on_branch(found, config or BotConfig(), github)
    yield _pull_requests(repository, github)
    if not (config and config.model):
        yield _variable(repository, MODEL, "without a name the weak embedded model works", github)
    yield _variable(repository, KEY_NAME, "without it no model gets the key", github)
    yield _secret(repository, github)
    yield _rules(repository, github)


def _on_branch(found: RepositoryInfo, config: BotConfig, github: Asked) -> Iterator[Finding]:
    workflow = github.file(found.name, WORKFLOW, found.default_branch)
    if workflow is None:
        yield Finding("bad", f"{WORKFLOW} is not on {found.default_branch}: `runoff bot init`, then commit it there")
    else:
        yield Finding("good", f"{WORKFLOW} is on {found.default_branch}")
    if found.fork and not config.forks:
        yield Finding("bad", "the repository is a fork: set `forks: true` in .github/runoff.yml to work there")
    if config.triggers.label and config.label.lower() not in {name.lower() for name in github.labels(found.name)}:
        yield Finding("bad", f"there is no label {config.label!r}: make it, or switch triggers.label off")
    elif config.triggers.label:
        yield Finding("good", f"the label {config.label!r} is there")


def _pull_requests(repository: str, github: Asked) -> Finding:
    what = "whether workflows may open pull requests"
    advice = "Settings, Actions, General: allow GitHub Actions to create and approve pull requests"
    try:
        shown = github.setting(repository, "actions", "permissions", "workflow")
    except GitHubError:
        return Finding("unknown", f"{what} (an administrator's token sees it): {advice}")
    if shown and shown.get("can_approve_pull_request_reviews"):
        return Finding("good", "workflows may open pull requests")
    return Finding("bad", f"workflows may not open pull requests: {advice}")


def _variable(repository: str, name: str, otherwise: str, github: Asked) -> Finding:
    try:
        shown = github.setting(repository, "actions", "variables", name)
    except GitHubError:
        return Finding("unknown", f"whether the variable {name} is set (an administrator's token sees it)")
    if shown and shown.get("value"):
        return Finding("good", f"the variable {name} is set")
    return Finding("bad", f"the variable {name} is not set here: set it, unless it is an organisation's ({otherwise})")


def _secret(repository: str, github: Asked) -> Finding:
    try:
        shown = github.setting(repository, "actions", "secrets")
    except GitHubError:
        return Finding("unknown", f"whether the secret {SECRET} is set (an administrator's token sees it)")
    if any(secret.get("name") == SECRET for secret in (shown or {}).get("secrets", ())):
        return Finding("good", f"the secret {SECRET} is set")
    return Finding("bad", f"the secret {SECRET} is not set here: set it, unless it is an organisation's")


def _rules(repository: str, github: Asked) -> Finding:
    branch = branch_of(1)
    try:
        shown = github.setting(repository, "rules", "branches", branch)
    except GitHubError:
        return Finding("unknown", f"whether rules forbid branches such as {branch}")
    if not shown:
        return Finding("good", f"no rule binds branches such as {branch}")
    kinds = ", ".join(sorted({str(rule.get("type", "?")) for rule in shown}))
    return Finding("bad", f"rules bind branches such as {branch} ({kinds}): except `runoff/**` from them")
