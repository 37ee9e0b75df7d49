"""Waivers of the regression gate, where every candidate breaks an existing test: does the issue ask for that?"""

from __future__ import annotations

from agent.models.profiles import ModelProfile
from agent.trajectory.trajectory import Ending, Trajectory
from swebench_runs.config import RunConfig
from swebench_runs.one_task.context.seen import seen
from swebench_runs.one_task.judging import Asks
from swebench_runs.one_task.traces_kept import known_traces
from swebench_runs.one_task.work import Work
from verifiers.ballot import Ballot
from verifiers.judges import heard
from verifiers.waivers import waivers, wanted

NUMBER = 99
"""Its record is ``judge-99.jsonl``: no judge has that number."""


def with_waivers(work: Work, ballot: Ballot) -> Ballot:
    """Return the ballot with what the run-off's model finds the issue to ask for, in the issue's own words.

    Nobody is asked where a candidate breaks nothing, for that one stands above any waiver.
    """
    if not wanted(ballot) or not may_waive(work.config, work.profile("runoff")):
        return ballot
    by = work.player("runoff", 0)
    found: dict[str, dict[str, str]] = {}
    header = {"tests": sorted({test for tests in ballot.regressions.values() for test in tests})}
    with (
        work.stage("waivers", keep=0.1) as ledger,
        work.session("judge", NUMBER, ledger, header, by=by, about="tests") as session,
    ):
        asks = Asks(session, by, work.sampling(NUMBER, 0, "judge", by.profile).seed)
        situation = work.situation(seen(work, by.profile, known_traces(work)).text)

        def body() -> Ending:
            found.update(waivers(asks, situation, ballot))
            if asks.refused and not asks.answered:
                raise asks.refused
            return Ending.SUBMITTED

        ending = session.conclude(body)
        work.ended(Trajectory(id=f"judge-{NUMBER}", kind="judge", ending=ending, **session.totals()))
    work.folder.event("waivers", waivers=found)
    ballot = ballot.model_copy(update={"waivers": found})
    work.folder.write("ballot.json", ballot)
    return ballot


def may_waive(config: RunConfig, profile: ModelProfile) -> bool:
    """Tell whether the run-off's model is asked for waivers: one that names winners, or has earned a say as a judge.

    A weak one quotes whatever there is.
    """
    if config.runoff_turns == 0 or config.waivers == "never":
        return False
    return config.waivers == "always" or profile.names_winner or bool(heard(profile))
