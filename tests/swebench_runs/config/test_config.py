"""Merging, naming and refusing configuration."""

import random

import pytest

from environments.task import Task
from swebench_runs.config import RunConfig, builtin_names, load
from swebench_runs.errors import UsageError
from swebench_runs.splits.task_choice import select


def tasks(*names):
    return [Task(instance_id=n, repo="r", base_commit="c", problem_statement="s") for n in names]


def ids(chosen):
    return [task.instance_id for task in chosen]


def test_default_yaml_lists_every_default():
    assert load(["default"]) == RunConfig()


@pytest.mark.parametrize("name", builtin_names())
def test_every_built_in_configuration_loads(name):
    assert load([name]) == load([f"{name}.yaml"])


def test_later_sources_win_and_options_win_over_all(tmp_path):
    (tmp_path / "mine.yaml").write_text("trajectories: 7\nturns: 9\nlimits: {task: {cost: 1.5}}\n")
    config = load(["demo", str(tmp_path / "mine.yaml"), "turns=2", "limits.task.tokens=50"], {"workers": 3})
    assert (config.trajectories, config.turns, config.workers) == (7, 2, 3)
    assert config.limits.task.cost == 1.5
    assert config.limits.task.tokens == 50
    assert config.limits.task.seconds == load(["demo"]).limits.task.seconds


def test_the_baseline_takes_no_more_than_its_share_of_a_task():
    """Two runs of the repository's own tests, a quarter of the task's seconds together."""
    assert load(["limits.task.seconds=80"]).suite_seconds == 10
    assert load(["limits.task.seconds=8000"]).suite_seconds == load([]).suite_seconds == 120


TEXTS = ["5:10", "5", "123", "1e3", "1.10", "007", "true", "off", "null", "nan", "2024-01-01", "[ab].*", "{x}", "1_0"]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("key", ["slice", "filter", "model", "subset", "split"])
def test_a_text_is_what_was_written_whatever_it_looks_like(tmp_path, key, text):
    assert getattr(load([f"{key}={text}"]), key) == text
    if text[0] not in "[{":
        (tmp_path / "c.yaml").write_text(f"{key}: {text}\n")
        assert getattr(load([str(tmp_path / "c.yaml")]), key) == text


@pytest.mark.parametrize(
    "source, value",
    [
        ("instances=1", ("1",)),
        ("instances=a__b-1", ("a__b-1",)),
        ('instances=["a", 2]', ("a", "2")),
        ("instances=[]", ()),
        ("seed=1e3", 1000),
        ("seed=-7", -7),
        ("workers= 3 ", 3),
        ("suite_timeout=1.5", 1.5),
        ("temperatures=1", (1.0,)),
        ("temperatures=[0, 0.5]", (0.0, 0.5)),
        ("repos=null", None),
        ("repos=2024", "2024"),
        ("api_base=~", None),
        ("pull=yes", True),
        ("pull=off", False),
        ("early_stop=False", False),
        *((f"judge={word}", ("on",)) for word in ("on", "true", "yes", "True", "YES")),
        *((f"judge={word}", ("off",)) for word in ("off", "false", "no")),
        ("judge=auto", ("auto",)),
    ],
)
def test_what_is_written_is_what_its_key_takes(tmp_path, source, value):
    key, _, text = source.partition("=")
    assert getattr(load([source]), key) == value
    for content in (f"{key}: {text}\n", f"\ufeff{key}: {text}\r\n"):
        (tmp_path / "c.yaml").write_bytes(content.encode())
        assert getattr(load([str(tmp_path / "c.yaml")]), key) == value


def test_nested_values_are_fitted_too(tmp_path):
    wanted = load(["limits.task.cost=1.5", "limits.run.tokens=1e6", "price.policy=table", "price.input_per_million=3"])
    assert (wanted.limits.task.cost, wanted.limits.run.tokens, wanted.price.input_per_million) == (1.5, 1_000_000, 3)
    given = 'limits={"task": {"cost": 1.5}, "run": {"tokens": 1000000}}'
    assert load([given, 'price={"policy": "table", "input_per_million": 3}']) == wanted
    limits = "limits:\n  task: &a {cost: 1.5}\n  run: {tokens: 1e6, cost: null}\n"
    text = f"{limits}price: {{policy: table, input_per_million: 3}}\n"
    (tmp_path / "c.yaml").write_bytes(text.encode("utf-16"))
    assert load([str(tmp_path / "c.yaml")]) == wanted


@pytest.mark.parametrize(
    "source, said",
    [
        ("trajectoriez=3", "did you mean 'trajectories'"),
        ("limit.task.cost=5", "unknown key 'limit.task.cost'; did you mean 'limits.task.cost'"),
        ("cost=5", "did you mean 'limits.[a-z]+.cost'"),
        ("no.such=3", r"unknown key 'no.such' \(there are: .* and \d+ more\)"),
        ("limits.task.cots=3", "did you mean 'limits.task.cost'"),
        ("cluster=nowhere", "cluster: write auto, ray://HOST:PORT or HOST:PORT, not 'nowhere'"),
        ("workers=0", "workers must be greater than 0 .got 0"),
        ("workers=two", "workers must be a whole number .got 'two'"),
        ("workers=2.5", "workers must be a whole number"),
        ("workers=null", "workers must be a whole number"),
        ("suite_timeout=inf", "suite_timeout must be a finite number"),
        ("suite_timeout=nan", "suite_timeout must be "),
        ("early_stop=perhaps", "early_stop must be true or false .got 'perhaps'"),
        ("limits=5", "limits must be a section, limits.NAME=VALUE"),
        ("temperatures=0.2,0.8", "temperatures"),
        ("api_base=localhost:8000/v1", "api_base: .* http://localhost:8000/v1"),
        ("judge=maybe", "no judge 'maybe'"),
        ("rule=voted", "did you mean 'votes'"),
        ('rules=["runof"]', "did you mean 'runoff'"),
        ("no-such-file.yaml", "no such file or built-in name"),
    ],
)
def test_a_bad_source_is_one_line_that_says_what(source, said):
    with pytest.raises(UsageError, match=said) as caught:
        load([source])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", "- x", "just text"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path, text):
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(UsageError):
        load([str(tmp_path / "bad.yaml")])


def test_selection_shuffles_as_mini_swe_agent_does_then_filters_then_slices():
    names = [f"{p}-{i}" for p in ("b", "a") for i in range(9)]
    expected = sorted(names)
    random.seed(42)
    random.shuffle(expected)
    expected = [n for n in expected if n.startswith("a")][1:4]
    assert ids(select(tasks(*names), RunConfig(shuffle=True, filter="a-", slice="1:4"))) == expected


def test_filter_matches_from_the_start_only():
    assert ids(select(tasks("xa", "ax"), RunConfig(filter="a"))) == ["ax"]


def test_instances_are_picked_by_name_and_an_unknown_one_names_the_nearest():
    assert ids(select(tasks("one", "two", "three"), RunConfig(instances=("three", "one")))) == ["one", "three"]
    with pytest.raises(UsageError, match="did you mean 'three'"):
        select(tasks("one", "two", "three"), RunConfig(instances=("thre",)))


def test_a_slice_may_be_a_number_as_in_mini_swe_agent():
    assert ids(select(tasks("a", "b", "c"), RunConfig(slice="2"))) == ["a", "b"]
    assert ids(select(tasks("a", "b", "c"), RunConfig(slice="-1"))) == ["a", "b"]


@pytest.mark.parametrize("text", ["::0", "-:", "1-2", "1:2:3:4"])
def test_what_is_no_slice_is_told_in_one_line(text):
    with pytest.raises(UsageError, match="--slice"):
        select(tasks("a", "b"), RunConfig(slice=text))


@pytest.mark.parametrize("config", [RunConfig(filter="("), RunConfig(slice="a:b"), RunConfig(filter="zzz")])
def test_a_selection_that_cannot_be_is_a_usage_error(config):
    with pytest.raises(UsageError):
        select(tasks("one"), config)


def test_a_file_may_write_dotted_keys_and_leave_a_section_empty(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("limits.run.cost: 3\nlimits:\n  run:\n    tokens: 5\n  task:\n    # cost: 1\n")
    limits = load([str(file)]).limits
    assert (limits.run.cost, limits.run.tokens, limits.task.cost) == (3, 5, None)
    assert load(["limits=", "price=null"]) == load([])
