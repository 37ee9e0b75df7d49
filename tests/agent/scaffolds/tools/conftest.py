import pytest
from tools_driver import Driven

from environments.sandboxes.lease import NoLease
from environments.workbench.workbench import Workbench


@pytest.fixture(scope="module")
def bench(shop, tmp_path_factory):
    """One workbench for a file's tests: what they have in common is run once."""
    record = tmp_path_factory.mktemp("bench") / "executions.jsonl"
    with Workbench(shop.base, shop.task, record=record, lease=NoLease()) as bench:
        yield bench


@pytest.fixture
def drive(shop, bench, tmp_path):
    return Driven(shop, bench, tmp_path)
