"""Sampling trajectories on the real sandbox; a scripted model drives the exact paths."""

import json

import pytest
from edited_shop import BASELINE, TEST

from agent.context import build_context
from agent.models.contract import Choice, TokenLogprob
from agent.models.profiles import ModelProfile
from agent.models.scripted import ScriptedModel
from agent.scaffolds import SCAFFOLDS
from agent.scaffolds.conversation import Sampling
from agent.scaffolds.replies import ReplyForms
from agent.scaffolds.scaffold import Executed, Plan
from agent.trajectory.budget import FixedCeilings, Ledger
from agent.trajectory.journal import Journal, read_journal
from agent.trajectory.session import Session
from agent.trajectory.trajectory import Ending
from environments.sandboxes.lease import NoLease
from environments.workbench.workbench import Workbench

FIM = ("<before>", "<after>", "<middle>")
EXECUTED = (Executed("shop/price.py", "total", (3, 4, 5, 6), 1.0),)
RIGHT, SAME = "    for price in prices:", "    for price in prices[1:]:"


@pytest.fixture(scope="module")
def bench(shop, tmp_path_factory):
    record = tmp_path_factory.mktemp("bench") / "executions.jsonl"
    with Workbench(shop.base, shop.task, record=record, lease=NoLease()) as bench:
        yield bench


@pytest.fixture
def run(shop, bench, tmp_path):
    def run(answers, *, test=TEST, turns=40, executed=EXECUTED, tokens=None, logprobs=False):
        run.model = answers if isinstance(answers, ScriptedModel) else ScriptedModel(answers)
        profile = ModelProfile(fim=FIM, parallel_slots=1, logprobs=logprobs)
        forms = ReplyForms(profile, build_context("total", shop.files, budget_tokens=2000), shop.files)
        known = [test] if test else []
        plan = Plan(
            "# Code",
            forms,
            Sampling(turns, 0.5, 500, seed=1),
            test=test,
            baseline=BASELINE,
            known=known,
            issue="total() forgets the first price.",
            executed=executed,
        )
        run.path = tmp_path / "edit-0.jsonl"
        run.told = []
        with Journal(run.path, {"trajectory": "edit-0"}) as journal:
            ledger = Ledger(FixedCeilings(tokens=tokens))
            session = Session(journal, run.model, bench, ledger, tell=run.told.append)
            return SCAFFOLDS["sampling"].run(session, plan, index=0)

    return run


def by_gap(**lines):
    """Answer by the line that a prompt leaves out: the one before the gap decides."""

    def answer(request):
        prompt = request.messages[0].content
        if not prompt.startswith(FIM[0]):
            return "nothing"
        before = prompt.split(FIM[1])[0].rstrip("\n").rpartition("\n")[2].strip()
        return lines.get(before.split(" ")[0], "    pass")

    return answer


def runs(path):
    return [line for line in read_journal(path) if line.get("kind") == "run"]


def test_a_line_that_passes_everything_is_what_a_trajectory_comes_to(run):
    made = run(by_gap(result=RIGHT))
    assert made.ending == Ending.SUBMITTED
    assert made.verified
    assert "+    for price in prices:" in made.patch
    assert [sample.count for sample in made.samples] == [made.samples[0].count]
    assert made.samples[0].format == "infill"
    assert made.sampled["infill"]["surviving"] >= 1


def test_unchanged_code_and_duplicates_are_not_run(run):
    def answer(request):
        return by_gap(result=SAME)(request)

    run(answer, turns=12)
    tried = [patch for line in runs(run.path) for patch in line["request"]["patches"] if patch is not None]
    assert len(tried) == len(set(tried))
    made = run.told[-1]
    assert "0 pass" in made


def test_a_sample_that_loops_for_ever_is_cut_early(run, bench):
    endless = "    while prices: total = 0"
    made = run(by_gap(result=endless), turns=2)
    assert not made.patch
    assert f"{TEST.id} in 2 s" in bench._record.path.read_text()


def test_a_change_that_breaks_the_suite_yields_to_a_clean_one_made_later(run):
    breaks = "    for price in prices or [1]:"
    answers = iter([breaks, RIGHT])

    def answer(request):
        base = by_gap(result="x")(request)
        return next(answers, RIGHT) if base == "x" else base

    made = run(answer)
    assert "+    for price in prices:" in made.patch
    assert [sample.patch == made.patch for sample in made.samples].index(True) == 0
    assert len(made.samples) == 2


def test_what_is_on_record_is_not_asked_again(run):
    first = run(by_gap(result=RIGHT))
    lines = run.path.read_text().splitlines()
    asked = len(run.model.requests)
    assert asked > 2
    kept = [line for line in lines if '"ending"' not in line][:-1]
    run.path.write_text("\n".join(kept) + "\n")
    again = run(by_gap(result=RIGHT))
    assert again.patch == first.patch
    assert again.samples == first.samples
    assert again.usage == first.usage
    assert len(run.model.requests) <= 1


def test_a_trajectory_goes_on_at_the_places_that_it_began_with(run):
    run(by_gap(), turns=2)
    lines = [line for line in run.path.read_text().splitlines() if '"ending"' not in line]
    run.path.write_text("\n".join(lines) + "\n")
    made = run(by_gap(result=RIGHT), executed=(Executed("shop/price.py", "discount", (9, 10), 1.0),))
    assert "+    for price in prices:" in made.patch


def test_without_a_reproduction_it_edits_and_tests_and_says_so(run):
    made = run(["prose"] * 4, test=None)
    assert made.samples == ()
    assert any("edit-and-test instead of samples: no test reproduces the issue" in text for text in run.told)


def test_a_ceiling_ends_it_with_what_it_has(run):
    made = run(by_gap(), tokens=200)
    assert made.ending == Ending.TOKEN_LIMIT
    assert made.patch == ""


def test_likelihood_and_tokens_come_from_the_log_probabilities(run):
    def answer(request):
        text = by_gap(result=RIGHT)(request)
        tokens = (TokenLogprob(token=text, logprob=-0.25), TokenLogprob(token="", logprob=-0.75))
        return Choice(content=text, finish_reason="stop", logprobs=tokens)

    made = run(answer)
    assert made.samples[0].likelihood == -0.5
    counts = made.sampled["infill"]
    assert counts["tokens"] == 2 * counts["samples"]
    assert json.loads(made.model_dump_json())["sampled"]["infill"] == counts


def test_looks_at_one_token_are_no_turns_and_find_what_to_leave_out(run):
    def answer(request):
        text = by_gap()(request)
        if request.options["max_tokens"] > 1:
            return Choice(content=text, finish_reason="stop", logprobs=())
        right = request.messages[0].content.endswith("price in prices")
        top = ((":", -5.0),) if right else ((" total", -1.0),)  # what else is tried comes before it
        looked = TokenLogprob(token="x", logprob=-0.1, top=top)
        return Choice(content="x", finish_reason="length", logprobs=(looked,))

    made = run(answer, turns=6, logprobs=True)
    looks = [request for request in run.model.requests if request.options["max_tokens"] == 1]
    assert len(looks) > 6
    assert "+    for price in prices:" in made.patch
    assert made.samples[0].format == "cloze"
