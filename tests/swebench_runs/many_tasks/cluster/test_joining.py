"""A cluster that is not there is told at once, without Ray."""

import socket

import pytest

from swebench_runs.errors import EnvironmentMissing
from swebench_runs.many_tasks.cluster.ray_nodes import joined


@pytest.mark.parametrize("form", ["127.0.0.1:{}", "ray://127.0.0.1:{}", "auto"])
def test_an_address_at_which_nobody_listens_is_told_in_one_line(form, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{port}")
    said = f"no Ray cluster answers at .*127.0.0.1:{port} "
    with pytest.raises(EnvironmentMissing, match=said) as told, joined(form.format(port)):
        pass
    assert "\n" not in str(told.value)


def test_a_port_that_is_none_is_told_too():
    with pytest.raises(EnvironmentMissing, match="ray start --head"), joined("127.0.0.1:70000"):
        pass
