"""Parsing in many threads: a fault of CPython that came up in runs of several trajectories."""

import ast
import gc
import sys
import sysconfig
import threading
from pathlib import Path

import pytest

from environments.python_source import check_compiles, parse_python


class Finalised:
    """Has Python code run by the collector in the middle of whatever allocates."""

    def __del__(self):
        list(range(20))


@pytest.fixture
def busy():
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(50, 2, 2)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*thresholds)


def test_many_threads_parse_and_compile_without_a_fault_of_the_interpreter(busy):
    library = Path(sysconfig.get_path("stdlib"))
    sources = [path.read_bytes() for path in sorted(library.glob("*.py"))[5:11]]
    faults = []

    def work():
        for source in sources:
            cycle = [Finalised()]
            cycle.append(cycle)
            try:
                check_compiles(parse_python(source))
            except SystemError as error:
                faults.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert isinstance(parse_python("x = 1"), ast.Module)
