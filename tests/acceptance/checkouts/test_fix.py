"""Item 6 on a small checkout, with a scripted server for a model."""

import subprocess

import pytest

from acceptance.checkouts.fix import change_locally, fix, git, state_of
from acceptance.record import Record
from environments.task import Task

FILES = {
    "pyproject.toml": '[project]\nname = "half"\nversion = "1"\nrequires-python = ">=3.11"\n',
    "half.py": "def half(x):\n    return x * 2\n",
    "test_half.py": "from half import half\n\n\ndef test_zero():\n    assert half(0) == 0\n",
}
TASK = Task(instance_id="half-1", repo="half", base_commit="0", problem_statement="half(4) returns 8, expected 2")


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "half"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", "base")
    return folder


def test_fixing_leaves_the_users_tree_alone_and_its_patch_applies(checkout, scripted_endpoint, monkeypatch):
    monkeypatch.setenv("OPENAI_API_BASE", scripted_endpoint)
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    record = Record("fix", n=1, unit="issues")
    options = ("-m", "openai/scripted", "--trajectories", "1", "--tests", "0", "--turns", "1", "-c", "judge=off")
    fix(record, TASK, checkout, options)
    assert record.passed, (record.shortfalls, record.figures)
    assert "+ANSWER = 'made_" in record.figures["patch"]
    assert record.figures["local_changes"] == {"unstaged": "half.py", "staged": "NOTES.md", "untracked": "scratch.txt"}
    assert len(record.figures["git_status"]) == 3


def test_a_command_that_gives_nothing_is_a_shortfall(checkout):
    record = Record("fix", n=1, unit="issues")
    fix(record, TASK, checkout, ("-c", "no.such.key=1"))
    assert not record.passed
    assert [check.what for check in record.checks if not check.holds] == [
        "runoff fix ends well",
        "a patch or an honest abstention",
    ]


def test_the_state_of_a_checkout_sees_every_kind_of_change(checkout):
    change_locally(checkout)
    states = [state_of(checkout)]
    for act in (
        lambda: (checkout / "half.py").write_text("x = 1\n"),
        lambda: (checkout / "half.py").chmod(0o755),
        lambda: (checkout / "link").symlink_to("half.py"),
        lambda: subprocess.run(["git", "-C", str(checkout), "add", "half.py"], check=True),
        lambda: (checkout / ".git" / "hooks" / "evil").write_text("x"),
    ):
        act()
        states.append(state_of(checkout))
    assert len({str(state) for state in states}) == len(states)
    assert state_of(checkout) == states[-1]
