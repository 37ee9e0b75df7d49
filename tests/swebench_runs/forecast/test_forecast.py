"""What a run would cost, and whether it is asked first."""

import pytest
import yaml

from environments.record_file import append_line
from swebench_runs.cli.app import run_app
from swebench_runs.config import load
from swebench_runs.errors import UsageError
from swebench_runs.forecast import consent, foretold
from swebench_runs.forecast.ceilings import ceilings
from swebench_runs.many_tasks.models.model_prices import paid_models, require_prices

PRICED = ["price.policy=table", "price.input_per_million=1", "price.output_per_million=10"]
SMALL = ['profile={"match": ["m", "n"], "context_tokens": 10000, "max_output_tokens": 1000}', "judge=off"]


def of(*keys):
    return load([*SMALL, *PRICED, "model=m", *keys])


def roomy(*keys):
    known = '"context_tokens": 40000, "max_output_tokens": 4000, "answer_tokens": 1000, "shown_tokens": 2000'
    return load([f'profile={{"match": ["m"], {known}}}', "judge=off", *PRICED, "model=m", *keys])


def test_a_turn_is_its_prompt_an_answer_and_a_second_try_with_more_room():
    edit, test = ceilings(roomy("trajectories=2", "turns=1", "tests=1", "test_turns=1", "runoff_turns=0"), issue=500)
    assert (edit.role, edit.trajectories, edit.calls) == ("edit", 2, 4)
    assert test.most.tokens == 2 * (2000 + 500 + 6000) + 1000 + 4000
    assert edit.most.tokens == 2 * test.most.tokens
    assert test.most.cost == test.most.uncached == pytest.approx(2 * 8500e-6 + 5000 * 10e-6)


def test_prompts_grow_to_the_window_and_what_they_share_is_read_from_the_cache():
    def most(turns, *keys):
        (edit,) = ceilings(roomy("trajectories=1", "tests=0", f"turns={turns}", *keys))
        return edit.most

    steps = [most(turns + 1).tokens - most(turns).tokens for turns in range(1, 9)]
    assert steps[0] > 2 * 8000 + 5000
    assert steps == sorted(steps)
    assert steps[-1] == steps[-2] == 2 * (40000 - 1000) + 5000
    cached, plain = most(8, "price.cached_per_million=0.1"), most(8)
    assert cached.uncached == plain.uncached == plain.cost
    assert plain.cost * 0.2 < cached.cost < plain.cost * 0.8


def test_both_prices_are_told_where_a_cache_makes_a_difference(tmp_path):
    told = foretold(roomy("price.cached_per_million=0.1"), tasks=1, neighbours=tmp_path)
    assert sum(" if the vendor's cache is never hit)" in line for line in told) == len(told) - 3
    assert not any("cache is never hit" in line for line in foretold(roomy(), tasks=1, neighbours=tmp_path))


def test_the_judges_questions_do_not_grow():
    (judged,) = [one for one in ceilings(roomy("judge=on", "trajectories=9", "tests=0")) if one.role == "judge"]
    assert judged.most.tokens == 9 * (2 * 8000 + 5000)


def test_a_pool_and_a_mix_are_counted_by_model():
    found = ceilings(of("model=m, n=2", "scaffold=tools=2, edit-and-test=4", "tests=0", "runoff_turns=0"))
    assert {(one.model, one.trajectories) for one in found} == {("m", 2), ("n", 4)}
    assert sum(one.calls for one in found) == 2 * 250 + 4 * 4


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["limits.run.cost=2"], "At most: $2.00,"),
        (["limits.run.cost=2"], "by limits.run.cost=2"),
        (["limits.task.cost=0.5"], "At most: $1.50"),
        (["limits.trajectory.cost=0.01"], "At most: $0.21"),
        (["limits.trajectory.cost=0.01"], "by limits.trajectory.cost=0.01"),
        (["limits.run.tokens=1000"], "At most: $0.01, 1,000 tokens"),
        (["limits.run.cost=2000"], "by 4 turns (edit) and a window of 10,000 tokens"),
        ([], "no limit of cost or tokens is set"),
        (["price.policy=zero"], "At most: $0.00"),
        (["price.policy=error"], "At most: an amount that nobody knows"),
        (["model=m, openai/gpt-4.1-mini", "price.policy=error"], "and what has no price"),
        (["profile={}", "model=own/unheard"], "tokens without a ceiling, its window is not known"),
    ],
)
def test_what_it_takes_at_most_is_said(tmp_path, keys, said):
    lines = foretold(of(*keys), tasks=3, neighbours=tmp_path)
    assert any(said in line for line in lines), lines
    assert "an assumption, for no run below" in lines[1]


def past(folder, *keys, cost=0.5, name="one", decided=True):
    (folder / "tasks" / name / "trajectories").mkdir(parents=True)
    config = of(*keys).model_dump(mode="json")
    header = {"schema": 1, "run_id": folder.name, "config": config, "instances": [name]}
    (folder / "run.yaml").write_text(yaml.safe_dump(header))
    path = folder / "tasks" / name / "trajectories/edit-0.jsonl"
    append_line(path, {"schema": 1, "header": {"model": "m"}})
    answer = {"choices": [], "usage": {"prompt_tokens": 900, "completion_tokens": 100}, "cost": cost, "latency": 1.0}
    append_line(path, {"step": 0, "kind": "model", "key": "k", "request": {}, "answer": answer})
    if decided:
        (folder / "tasks" / name / "decision.json").write_text('{"schema": 1}')


def test_past_runs_of_the_same_shape_say_what_it_probably_takes(tmp_path):
    past(tmp_path / "a", cost=0.5)
    past(tmp_path / "b", "subset=lite", "workers=9", cost=1.5)
    past(tmp_path / "other", "turns=9", cost=99.0)
    past(tmp_path / "undecided", cost=99.0, decided=False)
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged/run.yaml").write_text("schema: 0\n")
    line = foretold(of(), tasks=10, neighbours=tmp_path)[1]
    assert line.startswith("Probably: $10.00 (a task took $0.50 to $1.50), 10,000 tokens, by 2 tasks of ")
    assert "other" not in line


def test_a_price_that_was_not_known_is_said(tmp_path):
    past(tmp_path / "a", cost=None)
    assert "Probably: at a price that nobody knows" in foretold(of(), tasks=1, neighbours=tmp_path)[1]


def test_what_is_likely_comes_first_by_an_assumption_in_words_and_within_the_limits(tmp_path):
    def likely(*keys):
        return foretold(roomy("scaffold=tools", "trajectories=2", "tests=0", *keys), tasks=3, neighbours=tmp_path)

    lines = likely("runoff_turns=0")
    heads = ["3 tasks to do", "Probably", "At most", "Of each task at most"]
    assert [line.partition(":")[0] for line in lines[:4]] == heads
    prompts = [min(6000 + 1200 * answer, 40000 - 300) for answer in range(60)]
    tokens = 3 * 2 * (sum(prompts) + 60 * 300)
    assert f"about ${(tokens + 9 * 3 * 2 * 60 * 300) / 1e6:,.2f}, {tokens:,} tokens: an assumption" in lines[1]
    assert "a trajectory's answers: 60 to edit with tools;" in lines[1]
    assert "about $0.50, " in likely("limits.run.cost=0.5")[1]
    few = likely("turns=1", "runoff_turns=0")[1]
    assert f"{3 * 2 * 6300:,} tokens" in few


@pytest.mark.parametrize(
    ("keys", "paid"),
    [
        (["model=local"], []),
        (["model=openai/gpt-4.1"], ["openai/gpt-4.1"]),
        (["model=local, openai/gpt-4.1"], ["openai/gpt-4.1"]),
        (["model=local", "roles.judge=openai/gpt-4.1", "judge=on"], ["openai/gpt-4.1"]),
        (["model=hosted_vllm/x", "api_base=http://127.0.0.1:8000/v1"], []),
        (["model=hosted_vllm/x", "api_base=http://10.0.0.7/v1,http://localhost/v1"], []),
        (["model=hosted_vllm/x", "api_base=http://10.0.0.7/v1,https://rented.example/v1"], ["hosted_vllm/x"]),
        (["model=openai/gpt-4.1", "price.policy=zero"], []),
    ],
)
def test_what_is_paid_for(keys, paid):
    assert paid_models(load(keys)) == paid


def test_a_paid_run_without_a_limit_asks_once_and_a_batch_says_so():
    config, asked = load(["model=openai/gpt-4.1"]), []

    def ask(question):
        asked.append(question)
        return len(asked) == 1

    assert consent(config, yes=False, ask=ask) == ""
    with pytest.raises(UsageError, match=r"nothing was started: --cost-limit DOLLARS"):
        consent(config, yes=False, ask=ask)
    assert "openai/gpt-4.1 may cost money" in asked[0]
    assert "openai/gpt-4.1 may cost money, and no limit" in consent(config, yes=False, ask=None)
    for quiet in (["limits.task.cost=1"], ["limits.run.tokens=9"], ["model=local"]):
        assert consent(load(["model=openai/gpt-4.1", *quiet]), yes=False, ask=ask) == ""
    assert consent(config, yes=True, ask=ask) == ""
    assert len(asked) == 2


def test_a_money_limit_without_a_price_is_refused_whoever_of_the_pool_has_none():
    with pytest.raises(UsageError, match="nobody knows what own/unheard costs"):
        require_prices(load(["model=openai/gpt-4.1, own/unheard", "limits.run.cost=1"]))
    require_prices(load(["model=openai/gpt-4.1, local", "limits.run.cost=1"]))
    require_prices(load(["model=own/unheard"]))


def test_a_dry_run_starts_and_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "issue.md").write_text("It is wrong.")
    before = sorted(tmp_path.rglob("*"))
    dear = ["-m", "openai/gpt-4.1", "--dry-run"]
    assert run_app(["run", "--subset", "starter", "--slice", "0:2", *dear]) == 0
    assert "2 tasks to do" in capsys.readouterr().out
    assert run_app(["fix", str(tmp_path), "--issue", "issue.md", *dear]) == 0
    assert "At most: $" in capsys.readouterr().out
    with pytest.raises(UsageError, match="nobody knows what own/unheard costs"):
        run_app(["fix", ".", "--issue", "issue.md", "-m", "own/unheard", "-c", "limits.run.cost=1", "--dry-run"])
    assert sorted(tmp_path.rglob("*")) == before


def test_a_run_off_with_tools_and_a_judge_of_several_verdicts_count_in_full():
    strong = 'profile={"match": ["m"], "scaffold": "tools", "tools": true, "judge_draws": 3, "context_tokens": 10000}'
    found = {one.role: one.calls for one in ceilings(load([strong, "model=m", "trajectories=2", "judge=on"]))}
    assert (found["judge"], found["runoff"]) == (2 * 2 * 3, 2 * 60)


def test_locating_counts_every_question_and_no_more_than_one_shows():
    def calls(*given):
        return {one.role: one for one in ceilings(load([*SMALL, "model=m", *given]))}

    assert "locate" not in calls()
    assert calls("locate=symbols", "roles.locate=n")["locate"].model == "n"
    assert calls("locate=symbols")["locate"].calls == 2
    few, many = (calls("locate=relevance", f"locate_files={n}", "locate_rankings=2")["locate"] for n in (3, 8))
    assert (few.calls, many.calls) == (5, 10)
    assert many.most.tokens == 2 * few.most.tokens
