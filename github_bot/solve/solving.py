"""One request worked on: what is read, the same run as ``runoff fix`` makes, and the artifact of what came of it."""

from __future__ import annotations

from pathlib import Path

from environments.errors import Foreseen
from github_bot.afterwards.explain import account
from github_bot.afterwards.round_text import round_text
from github_bot.artifact import Artifact
from github_bot.config import BotConfig
from github_bot.errors import Refused
from github_bot.events.request import Request
from github_bot.github.contract import Reader
from github_bot.reading.issue_text import issue_text
from github_bot.solve.account import failure_by
from github_bot.solve.endings import Ground, answered, explanation, failed, question
from github_bot.solve.last_run import folder_of, newest_in, run_in
from github_bot.solve.means import Means
from github_bot.solve.run_config import run_config
from github_bot.solve.stopping import stopped_when_asked
from github_bot.solve.vague import is_vague
from swebench_runs.checkouts.fixing import Fix, fix
from swebench_runs.errors import Exit


def solve(request: Request, config: BotConfig, means: Means) -> Artifact:
    """Work on a request that was allowed and return what phase two is to post.

    The repository, the issue and the model decide nothing but texts and patches of the artifact. Whatever fails of
    what can be foreseen is an artifact too, so that the issue's comment tells it. So is a run that a signal ended,
    unless somebody sits before it (``means.attended``): then KeyboardInterrupt is raised.
    """
    ground = _ground(request, config, means.github)
    folder = folder_of(means.records, request.repository, request.issue)
    if request.verb == "explain":
        return explanation(ground, account(newest_in(folder)))
    read = issue_text(request, config, means.github)
    if request.verb == "solve" and is_vague(read.text):
        return question(ground)
    text = read.text
    if request.verb == "revise":
        text = round_text(request, text, config, means.github)
    here = folder / request.id
    with stopped_when_asked(request, config, means.github) as stopped:
        try:
            fixed = _fixed(text, ground, config, means, here)
        except KeyboardInterrupt:
            if not stopped.by:
                raise
            return failed(ground, "stopped", f"by {stopped.by}", run_in(here))
        except (Foreseen, OSError) as error:
            return failed(ground, failure_by(error), str(error), run_in(here))
    if stopped.by:
        return failed(ground, "stopped", f"by {stopped.by}", run_in(here))
    if fixed.decision is None and fixed.exit_code == Exit.INTERRUPTED:
        if means.attended:
            raise KeyboardInterrupt
        return failed(
            ground, "stopped", "by a signal: the workflow's run was cancelled, or its time was over", run_in(here)
        )
    task = run_in(here)
    assert task is not None
    return answered(ground, fixed, task, read.notes)


def _ground(request: Request, config: BotConfig, github: Reader) -> Ground:
    """Return what an artifact says of the place: the commit it is for, and a template that was read before any run."""
    found = github.repository(request.repository)
    head = github.head(request.repository, found.default_branch) if found else None
    if found is None or head is None:
        raise Refused(f"{request.repository} has no commit on its default branch: push one first")
    template = None
    if path := config.pull_request_template:
        raw = github.file(request.repository, path, found.default_branch)
        if raw is None:
            raise Refused(f"pull_request_template {path} is not on the branch {found.default_branch}")
        template = (path, raw)
    return Ground(request, config, found.default_branch, request.commit or head, template)


def _fixed(text: str, ground: Ground, config: BotConfig, means: Means, records: Path) -> Fix:
    later = ground.request.verb == "revise"
    settings = run_config(config, means.budget, means.model, means.word, later=later, operator=means.operator)
    tree = means.checkout(ground.base_commit)
    return fix(str(tree), text, settings, means.console, with_test=True, records=records)
