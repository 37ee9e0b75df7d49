"""The judges' stage: each judge that is asked scores the candidates, by a record of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.models.contract import Completion, ContextOverflow, ModelError, Request, RequestRefused, UnusableAnswer
from agent.trajectory.budget import Ledger
from agent.trajectory.journal import read_journal
from agent.trajectory.session import Session
from agent.trajectory.trajectory import Ending, Trajectory
from agent.trajectory.transcript import transcript
from swebench_runs.one_task.context.seen import seen
from swebench_runs.one_task.players import Player
from swebench_runs.one_task.traces_kept import known_traces
from swebench_runs.one_task.work import Work
from swebench_runs.run_folder.task_folder import TaskFolder
from verifiers.ballot import Ballot
from verifiers.judges import JUDGES, Hearing, LogStep, asked, left_out
from verifiers.judges.log_steps import log_steps


def judge(work: Work, ballot: Ballot) -> Ballot:
    """Let each judge score each candidate (equal patches share their score); write the ballot.

    The task's log says who was asked, who has a say, and whom ``judge: auto`` left out, and why.
    """
    profile = work.profile("judge")
    names = asked(work.config.judge, profile)
    if out := left_out(work.config.judge, profile):
        work.folder.event("judges_left_out", reasons=out)
    if names and ballot.candidates:
        with work.stage("judge", keep=0.1) as ledger:
            scores = {name: _scores(work, ledger, name, ballot) for name in names}
        work.folder.event("judged", asked=names, earned=ballot.earned)
        ballot = ballot.with_scores(scores)
    work.folder.write("ballot.json", ballot)
    return ballot


def _scores(work: Work, ledger: Ledger, name: str, ballot: Ballot) -> dict[str, float | None]:
    """Return candidate id -> one judge's score, as far as its budget lasts."""
    number = list(JUDGES).index(name)
    by = work.player("judge", number)
    seed = work.sampling(number, len(ballot.candidates), "judge", by.profile).seed
    scores: dict[str, float | None] = {}
    header = {"candidates": [candidate.id for candidate in ballot.candidates]}
    with work.session("judge", number, ledger, header, by=by, about="candidates") as session:
        asks = Asks(session, by, seed)
        hearing = Hearing(
            situation=work.situation(seen(work, by.profile, known_traces(work)).text),
            ballot=ballot,
            profile=by.profile,
            seed=seed,
            log=lambda entry: steps_of(work.folder, entry),
            trajectories=work.config.judge_trajectories,
            session=session,
        )

        def body() -> Ending:
            for candidate, score in JUDGES[name].scores(asks, hearing):
                scores[candidate] = score
            if asks.refused and not asks.answered:
                raise asks.refused
            return Ending.SUBMITTED

        ending = session.conclude(body)
        work.ended(Trajectory(id=f"judge-{number}", kind="judge", ending=ending, **session.totals()))
    return scores


@dataclass
class Asks:
    """Asks for a judge; a question that is refused is missing, and costs what it was about alone."""

    session: Session
    by: Player
    seed: int
    answered: int = 0
    refused: ModelError | None = None

    def __call__(self, request: Request) -> Completion | None:
        """Return the answer; None where this question is refused."""
        room = self.by.profile.room(request.max_tokens)
        try:
            completion = self.session.ask(replace(request, max_tokens=room, seed=self.seed))
        except (RequestRefused, ContextOverflow, UnusableAnswer) as error:
            self.refused = error
            self.session.tell(f"a question is not answered: {error}")
            return None
        self.answered += 1
        return completion


def steps_of(folder: TaskFolder, entry: str) -> Sequence[LogStep]:
    """Return what an editing trajectory did, by its record; nothing of one that came without a record."""
    kind, _, index = entry.rpartition("-")
    path = folder.journal_path(kind, int(index)) if kind and index.isdecimal() else None
    return log_steps(transcript(read_journal(path))) if path and path.is_file() else ()
