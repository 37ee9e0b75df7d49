"""Sandboxes that stand open, over the whole process."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from waiting import until

from environments.sandboxes.lease import NoLease
from environments.workbench.open_sandboxes import OpenSandboxes
from environments.workbench.outcome import GeneratedTest, Outcome
from environments.workbench.workbench import Workbench

ADDED = """diff --git a/added{0}.py b/added{0}.py
new file mode 100644
--- /dev/null
+++ b/added{0}.py
@@ -0,0 +1 @@
+X = 1
"""


def test_who_works_in_one_waits_for_a_place_and_a_second_of_the_same_thread_does_not():
    sandboxes, order = OpenSandboxes(1), []

    def other():
        with sandboxes.worked_in():
            order.append("other")

    with ThreadPoolExecutor(1) as pool:
        with sandboxes.worked_in():
            waits = pool.submit(other)
            until(lambda: sandboxes.waiting == 1)
            with sandboxes.worked_in():
                order.append("second")
            assert order == ["second"]
        waits.result()
    assert order == ["second", "other"]
    assert sandboxes.count == 0


def test_idle_ones_give_way_those_used_longest_ago_first():
    sandboxes, gone = OpenSandboxes(3), []

    def let_go(name):
        def close():
            gone.append(name)
            sandboxes.closed()
            return True

        return close

    for name in "abc":
        sandboxes.opened()
        sandboxes.idle(name, let_go(name))
    sandboxes.used("a")
    sandboxes.idle("a", let_go("a"))
    assert gone == []
    sandboxes.opened()
    assert gone == ["b"]
    with sandboxes.worked_in():
        assert gone == ["b", "c"]
    sandboxes.used("a")
    sandboxes.opened()
    assert gone == ["b", "c"]
    assert sandboxes.count == 3


def test_one_that_becomes_idle_makes_room_for_who_waits():
    sandboxes, served = OpenSandboxes(1), threading.Event()
    sandboxes.opened()

    def let_go():
        sandboxes.closed()
        return True

    def wait():
        with sandboxes.worked_in():
            served.set()

    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(wait)
        until(lambda: sandboxes.waiting == 1)
        assert not served.is_set()
        sandboxes.idle("tree", let_go)
        waits.result()
    assert served.is_set()


def test_one_that_is_being_let_go_of_is_room_already():
    sandboxes, closing, go_on, gone = OpenSandboxes(1), threading.Event(), threading.Event(), []
    for _ in range(2):
        sandboxes.opened()

    def slowly():
        closing.set()
        go_on.wait()
        sandboxes.closed()
        return True

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(sandboxes.idle, "a", slowly)
        closing.wait()
        sandboxes.idle("b", lambda: gone.append("b") or True)
        go_on.set()
        first.result()
    assert gone == []
    assert sandboxes.count == 1


@pytest.mark.parametrize("most", [1, None])
def test_patched_trees_of_a_workbench_are_let_go_of_and_made_again(shop, tmp_path, most):
    sandboxes = OpenSandboxes(most)
    test = GeneratedTest.of("import shop\n", "test:0")
    with Workbench(shop.base, shop.task, record=tmp_path / "r", lease=NoLease(), sandboxes=sandboxes) as bench:
        for repeat in range(2):
            runs = bench.run_many([(test, ADDED.format(number), repeat) for number in range(3)])
            assert [run.outcome for run in runs] == [Outcome.PASS] * 3
        until(lambda: sandboxes.count == (most or 3))
    assert sandboxes.count == 0
