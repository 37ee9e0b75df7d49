"""Where a model would look for a task's issue: asked once before the context is built, kept as ``located.json``.

A failure of it costs what it cost and no more: the context then goes by the ranking alone, and log and record say so.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from agent.context.located import Located
from agent.context.ranking import rank
from agent.context.symbols import Symbol
from agent.context.traces import TaskTraces
from agent.context.traces.weighing import by_execution, executed_weights
from agent.locating import Ask, Judged, Places, judge_file, merged, name_places, rank_files
from agent.models.contract import Completion, ContextOverflow, Request, RequestRefused, UnusableAnswer, Usage
from agent.trajectory.budgeted_model import Ledger
from agent.trajectory.journal import paid, read_journal
from agent.trajectory.session import Session
from agent.trajectory.trajectory import Ending, Trajectory
from swebench_runs.one_task.context.answers_kept import AnswersKept
from swebench_runs.one_task.context.task_context import FILE as CONTEXT
from swebench_runs.one_task.context.task_context import symbol_cache
from swebench_runs.one_task.players import Player
from swebench_runs.one_task.work import Work

FILE = "located.json"
GROUPS = 4
"""Records that judged files are shared out to; the groups are asked side by side."""
KEEP = 0.8
"""Share of the task's budget that is not spent on this."""

_log = logging.getLogger(__name__)
_REFUSALS = (RequestRefused, ContextOverflow, UnusableAnswer)


def locate(work: Work, executed: TaskTraces | None) -> None:
    """Ask where to look, as the configuration says, if the task has no context yet."""
    if work.folder.has(FILE):
        _charge(work)
        return
    if work.config.locate == "none" or work.folder.has(CONTEXT):
        return
    with work.stage("locate", KEEP) as ledger:
        ranked = rank(work.task.problem_statement, work.bench.contents(), cache=symbol_cache())
        ranked = by_execution(ranked, executed_weights(executed)) if executed else ranked
        found = (_named if work.config.locate == "symbols" else _judged)(work, ledger, ranked)
        work.folder.write(FILE, found)
        told = found.model_dump(mode="json", exclude={"symbols", "summaries"})
        work.folder.event("located", symbols=len(found.symbols), **told)
    if found.failed:
        said = f"nothing was located, the ranking stands without it: {found.failed}"
        _log.warning("%s: %s", work.task.instance_id, said)
    else:
        said = f"located {len(found.files)} files and {len(found.symbols)} symbols"
    work.progress.note(work.task.instance_id, said)


def known_location(work: Work) -> Located | None:
    """Return what was located; None where nobody was asked."""
    return work.folder.read(FILE, Located)


def _named(work: Work, ledger: Ledger, ranked: Sequence[Symbol]) -> Located:
    places, task = Places(), work.task
    paths = list(dict.fromkeys(symbol.path for symbol in ranked))

    def body(ask: Ask, by: Player, session: Session) -> None:
        name_places(ask, task.problem_statement, task.repo, ranked, by.profile, places)

    ended = _recorded(work, ledger, 0, paths, body)
    failed = "" if places.files else ended.why or _why(ended, "no file of the repository was named")
    return Located(
        way="symbols",
        files=tuple(places.files),
        symbols=tuple(places.symbols),
        asked=len(paths),
        dropped=places.dropped,
        unread=places.unread,
        failed=failed,
    )


def _judged(work: Work, ledger: Ledger, ranked: Sequence[Symbol]) -> Located:
    paths = list(dict.fromkeys(symbol.path for symbol in ranked))[: work.config.locate_files]
    verdicts, whys = _verdicts(work, ledger, ranked, paths)
    relevant = {path: verdicts[path].summary for path in paths if path in verdicts and verdicts[path].relevant}
    rankings, counts = _rankings(work, ledger, relevant)
    unread = len(paths) - len(verdicts)
    failed = ""
    if not relevant:
        failed = f"none of {len(verdicts)} files was judged relevant" if verdicts else next(iter(whys), "no files")
    return Located(
        way="relevance",
        files=merged(rankings, list(relevant)),
        summaries=relevant,
        asked=len(paths),
        dropped=counts.dropped,
        unread=unread + counts.unread,
        failed=failed,
    )


def _verdicts(
    work: Work, ledger: Ledger, ranked: Sequence[Symbol], paths: Sequence[str]
) -> tuple[dict[str, Judged], list[str]]:
    """Return path -> what was said of a file, and why files went without."""
    files = work.bench.contents()
    verdicts: dict[str, Judged] = {}
    whys: list[str] = []

    def one(index: int) -> Trajectory:
        own = paths[index::GROUPS]

        def body(ask: Ask, by: Player, session: Session) -> None:
            for path in own:
                symbols = [symbol for symbol in ranked if symbol.path == path]
                try:
                    said = judge_file(ask, work.task.problem_statement, path, files[path], symbols, by.profile)
                except _REFUSALS as error:
                    session.tell(f"{path} is not judged: {error}")
                    whys.append(str(error))
                    continue
                if said is None:
                    whys.append("no answer said whether its file is relevant")
                    session.tell(f"{path}: no verdict in the answer")
                else:
                    verdicts[path] = said
                    session.tell(f"{path}: {'relevant' if said.relevant else 'not relevant'}")

        ended = _recorded(work, ledger, index + 1, own, body, told=False)
        if ended.ending != Ending.SUBMITTED:
            whys.append(_why(ended))
        return ended

    work.trajectories(min(GROUPS, len(paths)), one)
    return verdicts, whys


def _rankings(work: Work, ledger: Ledger, relevant: dict[str, str]) -> tuple[list[list[str]], Places]:
    """Return the rankings of the relevant files that were given, and what their answers' counts are."""
    rankings: list[list[str]] = []
    counts = Places()
    if len(relevant) < 2:
        return rankings, counts

    def body(ask: Ask, by: Player, session: Session) -> None:
        for number in range(work.config.locate_rankings):
            places = Places()
            session.tell(f"ranking {number + 1} of {work.config.locate_rankings}")
            try:
                rank_files(ask, work.task.problem_statement, relevant, by.profile, places, seed=number)
            except _REFUSALS as error:
                session.tell(f"no ranking: {error}")
                counts.unread += 1
                continue
            counts.dropped += places.dropped
            counts.unread += places.unread
            if places.files:
                rankings.append(places.files)

    _recorded(work, ledger, 0, list(relevant), body)
    return rankings, counts


def _recorded(
    work: Work,
    ledger: Ledger,
    index: int,
    paths: Sequence[str],
    body: Callable[[Ask, Player, Session], None],
    *,
    told: bool = True,
) -> Trajectory:
    """Ask by a record of its own, about ``paths``; a failure is its end and nobody else's."""
    by = work.player("locate", index)
    digest = hashlib.sha256("\n".join(paths).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    seed = work.sampling(index, 1, "locate", by.profile).seed
    header = {"way": work.config.locate, "files": digest}
    with work.session("locate", index, ledger, header, by=by, about="files") as session:
        kept = AnswersKept.of(work.folder, by.name)  # the record of before, about other files, is set aside by now

        def ask(request: Request) -> Completion:
            request = replace(request, max_tokens=by.profile.room(request.max_tokens), seed=seed)
            return kept.answer(request) or session.ask(request)

        def whole() -> Ending:
            body(ask, by, session)
            return Ending.SUBMITTED

        ending = session.conclude(whole)
        totals = session.totals() | {"final": True}  # nobody waits for it: the task goes on without
    ended = Trajectory(id=f"locate-{index}", kind="locate", ending=ending, model=by.name, **totals)
    if told:
        work.tell_ending(ended)
    return ended


def _why(ended: Trajectory, otherwise: str = "") -> str:
    return ended.why or (otherwise if ended.ending == Ending.SUBMITTED else str(ended.ending))


def _charge(work: Work) -> None:
    """Count what was located in an earlier sitting against the budget: its records are not replayed."""
    for path in (path for path in work.folder.journals() if path.stem.startswith("locate-")):
        lines = read_journal(path)
        model = str(lines[0].get("header", {}).get("model", "")) if lines else ""
        for answer in (one for line in lines for one in paid(line)):
            usage, cost = Usage.model_validate(answer["usage"]), answer["cost"]
            work.run.ledger.charge(usage, cost, seconds=answer["latency"])
            work.progress.usage(work.task.instance_id, usage, cost, by=("locate", model))
