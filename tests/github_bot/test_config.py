import pytest

from github_bot.config import MAX_BYTES, BotConfig, read_config
from github_bot.errors import NotConfigured


def test_no_file_and_an_empty_one_have_the_defaults():
    assert read_config(None) == read_config(b"") == read_config(b"# nothing\n") == BotConfig()


def test_a_file_is_read():
    config = read_config(
        b"label: fix\ntriggers:\n  label: off\nbudget: {run: 2}\nnever: ['docs/**']\nrun: {tests: 3}\n"
    )
    assert (config.label, config.triggers.label, config.budget.run) == ("fix", False, 2.0)
    assert (config.never, config.run) == (("docs/**",), {"tests": 3})


@pytest.mark.parametrize(
    "text, said",
    [
        (b"lable: x", "did you mean 'label'"),
        (b"triggers: {lable: on}", "did you mean 'triggers.label'"),
        (b"budget: {run: -1}", "budget.run"),
        (b"budget: {run: .inf}", "budget.run"),
        (b"permission: read", "permission"),
        (b"- a", "keys and values"),
        (b"a: [", "not valid YAML"),
        (b"#" * (MAX_BYTES + 1), "shorten it"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text, said):
    with pytest.raises(NotConfigured, match=said) as refused:
        read_config(text)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("never", ["['" + "a" * 201 + "']", "['" + "*" * 13 + "']"])
def test_a_glob_that_is_too_long_is_told_in_one_line(never):
    with pytest.raises(NotConfigured, match=r"never.*at most 200 letters and 12 stars") as told:
        read_config(f"never: {never}\n".encode())
    assert "\n" not in str(told.value)
