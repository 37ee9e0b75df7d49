"""A command on a cluster leaves nothing behind, also where it finds nothing to do."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from swebench_runs.cli.run import _place
from swebench_runs.many_tasks import cluster
from swebench_runs.many_tasks.cluster import whole_run
from swebench_runs.many_tasks.cluster.job import Job, key_of


@pytest.fixture
def ended(monkeypatch):
    found = []
    monkeypatch.setattr(cluster, "joined", lambda address: nullcontext())
    monkeypatch.setattr(whole_run.ray_nodes, "begun_before", lambda key: {"n": key})
    monkeypatch.setattr(whole_run.ray_nodes, "end", found.append)
    return found


@pytest.mark.parametrize("decided, at_once", [({"one", "two"}, 1), ({"one"}, 0)])
def test_what_a_killed_driver_has_left_is_ended_at_once_where_nothing_is_to_be_done(ended, tmp_path, decided, at_once):
    run = SimpleNamespace(
        path=tmp_path, header={"run_id": "r"}, instances=["one", "two"], decided=lambda name: name in decided
    )
    config = SimpleNamespace(cluster="auto", shared=None)
    with _place(config, SimpleNamespace(check_host=None), run) as where:
        assert where is not None
        assert len(ended) == at_once
    key = Job({"run_id": "r"}, tmp_path.resolve(), "", None, {}).key
    assert ended == [key] * (at_once + 1) == [key_of(run)] * (at_once + 1)
