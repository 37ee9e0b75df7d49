"""Text from outside can be written down."""

from environments.task import Task
from environments.text import writable


def test_lone_surrogates_go_and_everything_else_stays():
    assert writable("a\ud800b\udfff\udc7f") == "a\ufffdb\ufffd\ufffd"
    assert writable("\udc80\udcff é 🐍") == "\udc80\udcff é 🐍"


def test_a_task_holds_an_issue_that_can_be_encoded():
    task = Task(instance_id="a", repo="b", base_commit="c", problem_statement="half \ud83d a snake")
    assert task.problem_statement.encode() == "half \ufffd a snake".encode()
