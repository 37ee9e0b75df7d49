"""Each end of a request as an artifact: a pull request, a patch in a comment, an abstention, a question, a failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.patch import sections
from github_bot.artifact import Artifact, Evidence, Spending, branch_of, issue_digest
from github_bot.config import BotConfig
from github_bot.events.request import Request
from github_bot.publish.paths import change_problem
from github_bot.solve.account import evidence_of, failure_of, shown_by, spending_of
from github_bot.wording.comments import (
    Failure,
    abstained_comment,
    explained_comment,
    failed_comment,
    patch_comment,
    pull_request_comment,
    question_comment,
)
from github_bot.wording.pull_request import pull_request_body, pull_request_title
from swebench_runs.checkouts.fixing import Fix
from swebench_runs.figures.metrics import GradedTask

_RANKS = ("none", "low", "medium", "high")


@dataclass(frozen=True)
class Ground:
    """What every artifact of a request says alike."""

    request: Request
    config: BotConfig
    base_branch: str
    base_commit: str
    template: tuple[str, bytes] | None = None
    """Path and bytes of the repository's own description of pull requests."""

    def artifact(self, **values: Any) -> Artifact:
        """Make an artifact."""
        request = self.request
        return Artifact(
            repository=request.repository,
            issue=request.issue,
            issue_digest=issue_digest(request.title, request.body),
            pull_request=request.pull_request if request.verb == "revise" else None,
            trigger=request.trigger,
            run_id=request.id,
            base_branch=self.base_branch,
            base_commit=self.base_commit,
            branch=branch_of(request.issue),
            **values,
        )


def question(ground: Ground) -> Artifact:
    """Return the one question about a vague issue."""
    return ground.artifact(outcome="question", comment=question_comment(), spending=Spending(cost=0.0))


def explanation(ground: Ground, lines: Sequence[str]) -> Artifact:
    """Return the account of an earlier run."""
    return ground.artifact(outcome="comment", comment=explained_comment(list(lines)), spending=Spending(cost=0.0))


def failed(ground: Ground, failure: Failure, reason: str, task: GradedTask | None) -> Artifact:
    """Return an end that is no answer; ``task``: the run as far as it came, which cost something all the same."""
    spending = spending_of(task) if task else Spending(cost=0.0)
    return ground.artifact(outcome="failure", comment=failed_comment(failure, reason, spending), spending=spending)


def answered(ground: Ground, fixed: Fix, task: GradedTask, notes: Sequence[str]) -> Artifact:
    """Return what a run came to: by its confidence a pull request or a comment, or why there is neither."""
    decision = fixed.decision
    if decision is None:
        return failed(ground, failure_of(task) or "infrastructure", fixed.unfinished, task)
    if failure := failure_of(task):
        return failed(ground, failure, decision.reason, task)
    evidence, spending = evidence_of(task, fixed), spending_of(task)
    evidence = evidence.model_copy(update={"not_checked": (*notes, *evidence.not_checked)[:20]})
    values: dict[str, Any] = {"evidence": evidence, "spending": spending}
    if fixed.withheld or not decision.patch:
        test = shown_by([test for test in task.tests if task.ballot.reproduces(test.id)])
        comment = abstained_comment(evidence, spending, had_patch=bool(decision.patch), test=test)
        return ground.artifact(outcome="abstention", comment=comment, **values)
    patch, test_patch = decision.patch, fixed.test.patch if fixed.test else ""
    config = ground.config
    problem = change_problem(sections(patch), sections(test_patch), never=config.never, max_files=config.max_files)
    if problem:
        return failed(ground, "forbidden", problem, task)
    values |= {
        "confidence": decision.confidence,
        "patch": patch.encode("utf-8", "surrogateescape"),
        "test_patch": test_patch.encode("utf-8", "surrogateescape"),
    }
    if _RANKS.index(decision.confidence) < _RANKS.index(config.confidence):
        comment = patch_comment(evidence, spending, decision.confidence, config.confidence, patch + test_patch)
        return ground.artifact(outcome="comment", comment=comment, **values)
    return ground.artifact(
        outcome="draft_pull_request",
        title=pull_request_title(ground.request.title),
        body=_body(ground, task, evidence, spending),
        comment=pull_request_comment(evidence, spending, decision.confidence),
        **values,
    )


def _body(ground: Ground, task: GradedTask, evidence: Evidence, spending: Spending) -> str:
    decision = task.decision
    assert decision is not None
    return pull_request_body(
        ground.request.issue,
        f"Changes {', '.join(dict.fromkeys(section.path for section in sections(decision.patch)))}.",
        evidence,
        spending,
        decision.confidence,
        ground.config.rounds,
        ground.template,
    )
