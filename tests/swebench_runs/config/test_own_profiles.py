"""Profiles of one's own: written in a configuration or a file, merged, kept with a run, refused by name."""

import pytest

from swebench_runs.cli.options import given
from swebench_runs.config import RunConfig, load
from swebench_runs.errors import UsageError


def test_a_profile_is_written_as_one_mapping_a_list_or_a_file(tmp_path):
    (tmp_path / "one.yaml").write_text("profile: {match: ['*gpt*'], tools: yes, answer_tokens: 9000}\n")
    (tmp_path / "list.yaml").write_text("- match: ['*gpt*']\n  tools: yes\n  answer_tokens: 9000\n")
    wanted = load([str(tmp_path / "one.yaml")])
    assert wanted.profile_of("gpt-4.1").answer_tokens == 9000
    for name in ("one.yaml", "list.yaml"):
        assert load([], given({"profile": tmp_path / name})) == wanted


def test_a_later_source_s_profiles_are_tried_first_and_the_earlier_s_still_count(tmp_path):
    (tmp_path / "a.yaml").write_text("profile: {match: ['*'], answer_tokens: 1, shown_tokens: 2}\n")
    config = load([str(tmp_path / "a.yaml"), "profile.answer_tokens=3"])
    assert [config.profile_of("gpt-4.1").answer_tokens, config.profile_of("gpt-4.1").shown_tokens] == [3, 2]


def test_what_a_run_keeps_of_a_profile_is_what_was_set():
    config = load(['profile={"match": ["*"], "model_kwargs": {"num_ctx": "4096", "extra_headers": {"A": "1"}}}'])
    kept = config.model_dump(mode="json")
    assert kept["profile"] == [{"match": ["*"], "model_kwargs": {"num_ctx": 4096, "extra_headers": {"A": "1"}}}]
    assert RunConfig.model_validate(kept).profile_of("gpt-5-mini") == config.profile_of("gpt-5-mini")


def test_the_configuration_s_own_keys_stand_above_every_profile():
    config = load(["profile.answer_tokens=3", "answer_tokens=5", "context_tokens=6", "reasoning_effort=low"])
    profile = config.profile_of("o3")
    assert (profile.answer_tokens, profile.shown, profile.reasoning_effort) == (5, 6, "low")
    assert load(["context_tokens=0.5", "profile.context_tokens=9000"]).profile_of("o3").shown == 4500
    assert load(["model_kwargs.top_p=0.9"]).profile_of("ollama/x").model_kwargs == {"num_ctx": 16384, "top_p": 0.9}


@pytest.mark.parametrize(
    "source, said",
    [
        ("profile.answer_tokenz=3", "did you mean 'answer_tokens'"),
        ("profile.shown_tokens=0", "shown_tokens"),
        ("profile.shown_tokens=1.5", "a share of the window"),
        ("context_tokens=1.5", "a share of the window"),
        ("profile.drop=temperatur", "drop"),
        ("profile=x", "profile"),
    ],
)
def test_a_profile_that_cannot_be_is_refused_in_one_line(source, said):
    with pytest.raises(UsageError, match=said) as refused:
        load([source])
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("text, said", [("3", "must hold"), ("a: [", "not valid YAML"), ("", "must hold")])
def test_a_file_of_profiles_that_is_none_is_refused_in_one_line(tmp_path, text, said):
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(UsageError, match=said):
        given({"profile": tmp_path / "p.yaml"})
    with pytest.raises(UsageError, match="cannot be read"):
        given({"profile": tmp_path / "none.yaml"})
