"""One pool of test processes over the whole process: counted with barriers, never with a clock."""

import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from waiting import until

from environments.sandboxes.lease import CpuLease, NoLease
from environments.workbench.outcome import GeneratedTest, Outcome
from environments.workbench.scripts.script_runner import run_script
from environments.workbench.suites.suite_runner import run_suite
from environments.workbench.tests_at_once import Turns
from environments.workbench.workbench import Workbench

PASSES = GeneratedTest.of("import shop\n", "test:0")


def test_never_more_at_once_than_there_are_turns():
    turns, lock = Turns(2), threading.Lock()
    both, running, most = threading.Barrier(2), 0, 0

    def one():
        nonlocal running, most
        with turns.turn():
            with lock:
                running += 1
                most = max(most, running)
            both.wait()  # only passed when two are in at the same time
            with lock:
                running -= 1

    with ThreadPoolExecutor(12) as pool:
        for done in [pool.submit(one) for _ in range(12)]:
            done.result()
    assert most == 2


def test_first_come_first_served():
    turns, order = Turns(1), []

    def one(name):
        with turns.turn():
            order.append(name)

    with ThreadPoolExecutor(5) as pool, turns.turn():
        for number in range(5):
            pool.submit(one, number)
            until(lambda asked=number + 1: turns.waiting == asked)
    assert order == [0, 1, 2, 3, 4]


def test_a_thread_that_holds_a_turn_goes_on_with_it():
    turns = Turns(1)
    with turns.turn(), turns.turn():
        pass
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: turns.turn().__enter__()).result() is None


def test_who_is_interrupted_while_waiting_takes_no_turn():
    turns, main = Turns(1), threading.main_thread().ident

    def interrupt():
        until(lambda: turns.waiting == 1)
        signal.pthread_kill(main, signal.SIGUSR1)

    def stop(*_):
        raise InterruptedError

    before = signal.signal(signal.SIGUSR1, stop)
    try:
        with ThreadPoolExecutor(2) as pool:
            held, done = threading.Event(), threading.Event()

            def hold():
                with turns.turn():
                    held.set()
                    done.wait()

            holding = pool.submit(hold)
            held.wait()
            pool.submit(interrupt)
            try:
                with pytest.raises(InterruptedError), turns.turn():
                    pass
                assert turns.waiting == 0
            finally:
                done.set()
            holding.result()
    finally:
        signal.signal(signal.SIGUSR1, before)
    with turns.turn():
        assert turns.waiting == 0


def test_a_turn_is_given_back_by_who_fails():
    turns = Turns(1)
    with pytest.raises(ValueError, match="broke"), turns.turn():
        raise ValueError("broke")
    with turns.turn():
        assert turns.waiting == 0


def run_of(name, shop):
    spec = shop.task.environment
    if name == "script":
        return lambda: run_script(shop.base, PASSES, spec, timeout=60).outcome == Outcome.PASS
    if name == "suite":
        return lambda: run_suite(shop.base, spec, timeout=60).problem is None
    runner = spec.model_copy(update={"test_command": "pytest -rA", "log_parser": "pytest", "test_paths": ("tests",)})
    return lambda: bool(run_suite(shop.base, runner, timeout=60).output)


@pytest.mark.parametrize("name", ["script", "suite", "own runner"])
def test_whatever_runs_tests_waits_for_its_turn_and_its_clock_starts_then(shop, all_turns_taken, name):
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(run_of(name, shop))
        all_turns_taken.until_waiting(1)
        assert not asked.done()
        all_turns_taken.let_go()
        assert asked.result()


def test_workbenches_of_many_tasks_share_the_turns(shop, all_turns_taken, tmp_path):
    with ExitStack() as held, ThreadPoolExecutor(3) as pool:
        benches = [
            held.enter_context(Workbench(shop.base, shop.task, record=tmp_path / f"{n}.jsonl", lease=NoLease()))
            for n in range(3)
        ]
        asked = [pool.submit(bench.run_many, [(PASSES, None, repeat) for repeat in range(4)]) for bench in benches]
        all_turns_taken.until_waiting(6)  # two threads of each bench
        assert not any(future.done() for future in asked)
        all_turns_taken.let_go()
        outcomes = [execution.outcome for future in asked for execution in future.result()]
    assert outcomes == [Outcome.PASS] * 12


def test_who_waits_for_a_turn_does_not_keep_the_local_model_waiting(shop, all_turns_taken, tmp_path):
    lease = CpuLease()
    bench = Workbench(shop.base, shop.task, record=tmp_path / "r.jsonl", lease=lease)

    def ask_the_model():
        with lease.model():
            return True

    with bench, ThreadPoolExecutor(2) as pool:
        asked = pool.submit(bench.run, PASSES)
        all_turns_taken.until_waiting(1)
        model = pool.submit(ask_the_model)
        try:
            until(model.done)
            assert not asked.done()
        finally:
            all_turns_taken.let_go()
        assert asked.result().outcome == Outcome.PASS
