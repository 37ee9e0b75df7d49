"""Who gets a free place: the task that holds fewest."""

import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from waiting import until

from swebench_runs.one_task.places import Places


def test_a_free_place_goes_to_the_task_that_holds_fewest_and_then_to_who_came_first():
    places, order, lock = Places(1), [], threading.Lock()

    def one(task):
        with places.place(task), lock:
            order.append(task)

    with ThreadPoolExecutor(6) as pool, places.place("first"):
        for number, task in enumerate(["many", "many", "many", "few", "many", "other"], start=1):
            pool.submit(one, task)
            until(lambda asked=number: places.waiting == asked)
    assert order == ["many", "few", "other", "many", "many", "many"]


def test_who_holds_some_waits_for_who_holds_none():
    places = Places(2)
    hold, held, order = threading.Event(), threading.Barrier(2), []

    def keep():
        with places.place("big"):
            held.wait()
            hold.wait()

    def one(task):
        with places.place(task):
            order.append(task)

    with ThreadPoolExecutor(4) as pool:
        keeping = [pool.submit(keep)]
        with places.place("small"):
            held.wait()
            asked = []
            for number, task in enumerate(["big", "small", "new"], start=1):
                asked.append(pool.submit(one, task))
                until(lambda count=number: places.waiting == count)
        for future in asked:
            future.result()
        hold.set()
        keeping[0].result()
    assert order == ["small", "new", "big"]


def test_who_is_interrupted_while_waiting_takes_no_place():
    places, main = Places(1), threading.main_thread().ident

    def interrupt():
        until(lambda: places.waiting == 1)
        signal.pthread_kill(main, signal.SIGUSR1)

    def stop(*_):
        raise InterruptedError

    before = signal.signal(signal.SIGUSR1, stop)
    done = threading.Event()
    try:
        with ThreadPoolExecutor(2) as pool:
            held = threading.Event()

            def hold():
                with places.place("holder"):
                    held.set()
                    done.wait()

            holding = pool.submit(hold)
            held.wait()
            pool.submit(interrupt)
            with pytest.raises(InterruptedError), places.place("main"):
                pass
            assert places.waiting == 0
            done.set()
            holding.result()
    finally:
        done.set()
        signal.signal(signal.SIGUSR1, before)
    with places.place("after"):
        assert places.waiting == 0
