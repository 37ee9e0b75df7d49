"""Tests as models write them: files of the repository's framework and scripts; the last part on the real sandbox."""

import pytest

from agent.context import Context
from agent.edits import EditError
from agent.models.profiles import ModelProfile
from agent.models.scripted import ScriptedModel
from agent.scaffolds.conversation import Sampling
from agent.scaffolds.replies import ReplyForms
from agent.scaffolds.scaffold import Plan
from agent.scaffolds.test_forms import how_to_write_a_test, parse_test
from agent.scaffolds.test_writing import write_test
from agent.trajectory.budget import Ledger
from agent.trajectory.journal import Journal
from agent.trajectory.session import Session
from environments.task import EnvironmentSpec
from environments.workbench.test_facts import facts_of

FACTS = facts_of(EnvironmentSpec(python="3.9"), ["tests/test_a.py", "pkg.py"], seconds=17)
DJANGO = EnvironmentSpec(test_command="./tests/runtests.py", log_parser="django")
CASE = "def test_a():\n    assert False\n"


def fenced(source):
    return f"I thought about it.\n\n```python\n{source}```\nThat is it."


def read(source, facts=FACTS):
    return parse_test("module", fenced(source), origin="test:0", facts=facts)


def test_a_test_file_goes_where_its_first_line_says():
    assert (read(f"# file: tests/deep/test_b.py\n{CASE}").kind, read(CASE).path) == ("module", "tests/test_issue_0.py")
    assert read(f"# file: tests/deep/test_b.py\n{CASE}").path == "tests/deep/test_b.py"


def test_a_script_is_read_as_one_wherever_a_file_is_asked_for():
    assert read("from pkg import f\nif f():\n    issue_present()\n").kind == "script"


@pytest.mark.parametrize(
    "path, why",
    [
        ("tests/test_a.py", "there already"),
        ("../test_b.py", "no path"),
        ("/etc/test_b.py", "no path"),
        ("a/../../test_b.py", "no path"),
        (".git/test_b.py", "no path"),
        ("tests/b.py", "begins with test_"),
        ("tests/test_b.py;ls", "no path"),
    ],
)
def test_a_test_file_stands_in_no_wrong_place(path, why):
    with pytest.raises(EditError, match=why):
        read(f"# file: {path}\n{CASE}")


def test_a_file_without_a_case_is_no_test():
    with pytest.raises(EditError, match="no case"):
        read("from pkg import f\nf()\n")


def test_django_takes_files_of_its_apps_only():
    facts = facts_of(DJANGO, [], seconds=20)
    assert read(f"# file: tests/queries/test_b.py\n{CASE}", facts).path == "tests/queries/test_b.py"
    with pytest.raises(EditError, match="below tests/<app>/"):
        read(f"# file: tests/test_b.py\n{CASE}", facts)


@pytest.mark.parametrize("form", ["script", "module"])
def test_whoever_writes_a_test_is_told_where_it_runs(form):
    told = how_to_write_a_test(form, FACTS)
    for fact in ("Python 3.9", "17 seconds", "without network", "issue_present("):
        assert fact in told
    assert "exit code 2" not in told
    assert ("pytest runs it" in told) == (form == "module")
    assert "runtests.py" not in told
    assert ("runtests.py app.module" in how_to_write_a_test(form, facts_of(DJANGO, [], seconds=1))) == (
        form == "module"
    )


def test_a_trajectory_ends_with_the_test_file_that_fails_on_the_base(bench, tmp_path):
    passes = fenced("from shop import total\n\ndef test_zero():\n    assert total([0, 7]) == 7\n")
    shows = fenced("from shop import total\n\ndef test_sum():\n    assert total([3, 4]) == 7\n")
    model = ScriptedModel([passes, shows])
    context = Context(text="", symbols=(), left_out=(), tokens=0)
    forms = ReplyForms(ModelProfile(test_format="module"), context, {}, bench.facts)
    with Journal(tmp_path / "test-0.jsonl", {}) as journal:
        session = Session(journal, model, bench, Ledger())
        trajectory = write_test(session, Plan("# Code", forms, Sampling(3, 0.5, 300, seed=1)), index=0)
    assert "does not show the issue" in model.requests[1].messages[-1].content
    assert (trajectory.reproduces, trajectory.test.kind, trajectory.turns) == (True, "module", 2)
    assert trajectory.test.path.startswith("tests/test_issue_")
