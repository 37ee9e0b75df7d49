"""The stages of a task, one function each, in the order in which ``pipeline.resolve`` calls them."""

from __future__ import annotations

from collections.abc import Sequence

from agent.context import NOTHING_SHOWN, Context
from agent.context.imports import import_finder
from agent.models.profiles import ModelProfile
from agent.scaffolds import SCAFFOLDS, Plan
from agent.trajectory.trajectory import Trajectory
from environments.workbench.outcome import GeneratedTest, Outcome
from selection.candidates import candidates_of
from selection.runoff import RunoffPlan, usual_turns
from selection.runoff import run_off as hold_runoff
from selection.stop import settled
from selection.weighing import RunoffVerdict
from swebench_runs.config import RunConfig
from swebench_runs.one_task import given_tests
from swebench_runs.one_task import pool as pools
from swebench_runs.one_task.brought_tests import brought_scripts, with_brought_tests
from swebench_runs.one_task.context.executed import executed_by, traces_of_examples, traces_of_seeds
from swebench_runs.one_task.context.locating import locate
from swebench_runs.one_task.context.seen import reply_forms, seen
from swebench_runs.one_task.given_tests import GivenTests
from swebench_runs.one_task.ground.issue_examples import look_at_examples
from swebench_runs.one_task.one_witness import one_witness_is_enough
from swebench_runs.one_task.players import scaffold as scaffold_of
from swebench_runs.one_task.players import scaffold_names, scaffold_of_test
from swebench_runs.one_task.pool import Pool
from swebench_runs.one_task.probing import keep_probes, with_behaviour
from swebench_runs.one_task.replayed_calls import with_calls
from swebench_runs.one_task.so_far import KeptSoFar
from swebench_runs.one_task.suite.base_suite import BaseSuite
from swebench_runs.one_task.time_for_edits import KEPT, lengthened
from swebench_runs.one_task.traces_kept import known_traces
from swebench_runs.one_task.votes_told import votes_told
from swebench_runs.one_task.work import Work
from swebench_runs.run_folder.task_folder import SO_FAR
from verifiers.ballot import Ballot
from verifiers.examples import convert_examples
from verifiers.judges import heard
from verifiers.matrix import vote as cast_votes

_EDIT_DIRECTIVES = (
    "",
    "Follow the issue's case through the code in your mind, line by line, to the first value that is wrong.",
    "The function that shows the fault may only pass it on: look also at what it calls.",
    "Ask of each condition and each constant on the way whether the issue's case is treated as it says.",
)
_TEST_DIRECTIVES = ("", "Take another case than the issue's own, of the same kind.")


def build_context(work: Work, examples: Sequence[GeneratedTest]) -> Context:
    """Choose what the model sees of the repository: first what the issue's examples execute, then what a
    model located, where it is asked. Nothing where no model is asked anything."""
    executed = traces_of_examples(work, examples)
    if not work.config.models:
        return NOTHING_SHOWN
    locate(work, executed)
    with work.stage("context"):
        return seen(work, work.profile("edit"), executed)


def convert_issue(work: Work) -> list[GeneratedTest]:
    """Turn the issue's own code examples into tests, and keep those that run on the base at all.

    Failing tests that the user gave come first; what the issue then says of them is no example. BadGround where
    ``runoff fix`` should not go on, since the examples show nothing that is wrong.
    """
    with work.stage("examples"):
        given = work.folder.read(given_tests.FILE, GivenTests)
        finder = import_finder(_files(work), work.task.environment.python_path)
        conversion = convert_examples(given.issue if given else work.task.problem_statement, finder)
        keep_probes(work, conversion)
        tests = [*(given.tests if given else ()), *conversion.tests]
        runs = work.bench.run_many([(test, None, 0) for test in tests])
        work.folder.event(
            "examples",
            tests={test.id: run.outcome for test, run in zip(tests, runs, strict=True)},
            notes=conversion.notes,
        )
        if not given:
            look_at_examples(work, conversion, {test.id: run.outcome for test, run in zip(tests, runs, strict=True)})
        runnable = (Outcome.FAIL, Outcome.PASS)
        return [test for test, run in zip(tests, runs, strict=True) if run.outcome in runnable]


def write_tests(work: Work, examples: Sequence[GeneratedTest] = ()) -> list[Trajectory]:
    """Run the test trajectories."""
    shown = _reproducing(work, examples, ())
    players = [work.player("test", index) for index in range(work.asked("test", work.config.tests))]
    if shown and one_witness_is_enough(work, players):
        return []
    forms = reply_forms(work, players, traces_of_examples(work, examples))

    def one(index: int) -> Trajectory:
        by = players[index]
        name = scaffold_of_test(work.config, work.folder, by, index)
        scaffold = SCAFFOLDS[name]
        plan = Plan(
            situation=work.situation(forms[by.name].context.text),
            forms=forms[by.name],
            sampling=work.sampling(index, work.config.test_turns or scaffold.turns, "test", by.profile),
            directive=_TEST_DIRECTIVES[index % len(_TEST_DIRECTIVES)],
            known=shown,
            issue=work.task.problem_statement,
        )
        # Records of before there were several scaffolds for tests name none.
        header = {"directive": plan.directive} | ({"scaffold": name} if name != "test-writing" else {})
        with work.session("test", index, ledger, header, by=by) as session:
            made = scaffold.run(session, plan, index=index)
        return made.model_copy(update={"model": by.name})

    with work.stage("tests", keep=0.7) as ledger:
        return work.trajectories(len(players), one)


def edit(
    work: Work,
    base: BaseSuite,
    examples: Sequence[GeneratedTest],
    testers: Sequence[Trajectory],
) -> list[Trajectory]:
    """Run the editing trajectories, each seeded with a test that reproduces the issue where there is one."""
    seeds = _reproducing(work, examples, testers)
    players = [work.player("edit", index) for index in range(work.asked("edit", work.config.editing))]
    scaffolds = scaffold_names(work.config, work.folder, players)
    forms = reply_forms(work, players, traces_of_seeds(work, seeds))
    executed = executed_by(work, seeds) if "sampling" in scaffolds else []
    best = KeptSoFar(work.folder, work.bench.read)

    def one(index: int) -> Trajectory:
        by, name = players[index], scaffolds[index]
        scaffold = scaffold_of(name, by.name)
        plan = Plan(
            situation=work.situation(forms[by.name].context.text),
            forms=forms[by.name],
            sampling=work.sampling(index, work.config.turns or scaffold.turns, "edit", by.profile),
            test=_seed(work, index, seeds),
            baseline=base.passing,
            known=seeds,
            directive=_EDIT_DIRECTIVES[index % len(_EDIT_DIRECTIVES)],
            issue=work.task.problem_statement,
            executed=executed,
            siblings=(scaffolds[:index].count(name), scaffolds.count(name)),
        )
        header = {"scaffold": name, "directive": plan.directive, "test": plan.test.id if plan.test else None}
        with work.session("edit", index, ledger, header, by=by, made=best.made) as session:
            trajectory = scaffold.run(session, plan, index=index)
        trajectory = trajectory.model_copy(update={"model": by.name, "scaffold": name})
        best.ended(trajectory)
        return trajectory

    def after(ended: list[Trajectory]) -> None:
        if (
            work.config.early_stop
            and sum(bool(one.patch) for one in ended) > 1
            and settled(_ballot(work, base, _pool(work, examples, ended, testers))) is not None
        ):
            work.folder.event("early_stop", trajectories=len(ended))
            work.enough.set()

    with work.stage("edits", keep=KEPT) as stage:
        ledger = lengthened(stage, work.config.limits.task.seconds, made=lambda: work.folder.has(SO_FAR))
        return work.trajectories(len(players), one, after=after)


def gather(
    work: Work, examples: Sequence[GeneratedTest], editors: Sequence[Trajectory], testers: Sequence[Trajectory]
) -> Pool:
    """Merge the trajectories' patches into candidates, and keep what choosing starts from."""
    pool = _pool(work, examples, editors, testers)
    work.folder.write(pools.FILE, pool)
    return pool


def vote(work: Work, base: BaseSuite, pool: Pool) -> Ballot:
    """Run every test on every candidate and on the base, and the existing tests on every candidate."""
    with work.stage("votes"):
        ballot = _ballot(work, base, pool)
        if work.config.given:
            ballot = with_brought_tests(work, ballot, pool.trajectories)
            ballot = with_calls(work, ballot) if work.config.replayed_calls else ballot
    work.progress.note(work.task.instance_id, votes_told(ballot))
    return ballot


def run_off(work: Work, shortlist: Sequence[str], ballot: Ballot) -> RunoffVerdict | None:
    """Hold the run-off among the finalists; no verdict where there are fewer than two, or it is turned off."""
    if len(shortlist) < 2 or work.config.runoff_turns == 0:
        return None
    by_id = {candidate.id: candidate for candidate in ballot.candidates}
    by = work.player("runoff", 0)
    plan = RunoffPlan(
        situation=work.situation(seen(work, by.profile, known_traces(work)).text),
        profile=by.profile,
        sampling=work.sampling(0, work.config.runoff_turns or usual_turns(by.profile), "runoff", by.profile),
        finalists=[by_id[name] for name in shortlist],
        names=_names_winner(work.config, by.profile),
    )
    header = {"finalists": list(shortlist)}
    with work.stage("runoff") as ledger, work.session("runoff", 0, ledger, header, by=by, about="finalists") as session:
        trajectory, verdict = hold_runoff(session, plan)
    work.ended(trajectory)
    return verdict


def _names_winner(config: RunConfig, profile: ModelProfile) -> bool:
    """Tell whether the run-off's model may name the winner: it judges well, is known to name well, or is let."""
    return config.runoff_names == "always" or (
        config.runoff_names == "auto" and (profile.names_winner or bool(heard(profile)))
    )


def _files(work: Work) -> dict[str, bytes]:
    return work.bench.contents()


def _reproducing(
    work: Work, issue_tests: Sequence[GeneratedTest], testers: Sequence[Trajectory]
) -> list[GeneratedTest]:
    """Return the tests that fail on the base: the issue's own first, they need no trust in a model."""
    runs = work.bench.run_many([(test, None, 0) for test in issue_tests])
    own = [test for test, run in zip(issue_tests, runs, strict=True) if run.outcome == Outcome.FAIL]
    return own + [trajectory.test for trajectory in testers if trajectory.test and trajectory.reproduces]


def _seed(work: Work, index: int, seeds: Sequence[GeneratedTest]) -> GeneratedTest | None:
    """Return the test that an editing trajectory starts from: the one it started from before, if it did."""
    begun = work.folder.header("edit", index)
    if begun and work.folder.has_answer("edit", index):
        return next((test for test in seeds if test.id == begun.get("test")), None)
    return seeds[index % len(seeds)] if seeds else None


def _pool(
    work: Work, examples: Sequence[GeneratedTest], editors: Sequence[Trajectory], testers: Sequence[Trajectory]
) -> Pool:
    trajectories = (*editors, *testers)
    candidates, entries = candidates_of(trajectories, work.bench.read)
    return Pool(trajectories=trajectories, candidates=candidates, entries=entries, issue_tests=tuple(examples))


def _ballot(work: Work, base: BaseSuite, pool: Pool) -> Ballot:
    ballot = cast_votes(
        work.bench,
        entries=pool.entries,
        candidates=pool.candidates,
        tests=pool.tests,
        issue_tests=pool.issue_tests,
        base=base.of_patches(len(pool.candidates)),
        look_again=work.config.second_look,
    )
    facts = {"issue": work.task.problem_statement, "earned": heard(work.profile("judge"))}
    scripts = brought_scripts(pool.trajectories) if work.config.given else ()
    return with_behaviour(work, ballot.model_copy(update=facts), scripts)
