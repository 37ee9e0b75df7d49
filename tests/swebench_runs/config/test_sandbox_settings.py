"""The key ``sandbox``: a word or a section, and what ceilings it gives."""

import pytest

from environments.sandboxes.contract import Limits
from swebench_runs.config import load, parse
from swebench_runs.errors import UsageError


def test_a_word_is_its_kind_and_leaves_ceilings_that_were_said_before():
    config = load(["sandbox.memory=2GB", "sandbox=docker"], {"sandbox": "bubblewrap"})
    assert (config.sandbox.kind, config.sandbox.memory) == ("bubblewrap", 2_000_000_000)
    assert parse(config.model_dump(mode="json")) == config
    assert parse({"sandbox": "docker"}).sandbox.kind == "docker"


def test_a_section_of_a_file_is_read_and_gives_ceilings(tmp_path):
    (tmp_path / "c.yaml").write_text("sandbox: {memory: 3GiB, disk: 1GiB, processes: 300, cpu_seconds: 900}\n")
    limits = load([str(tmp_path / "c.yaml")]).sandbox.limits()
    assert limits == Limits(memory=3 << 30, disk=1 << 30, file_size=1 << 30, processes=300, cpu_seconds=900)
    usual = Limits(memory=6 << 30, processes=1024)
    assert load([]).sandbox.limits(usual) == usual
    assert load(["sandbox.processes=50"]).sandbox.limits(usual) == Limits(memory=6 << 30, processes=50)


@pytest.mark.parametrize(
    "said, told",
    [
        ("sandbox.memory=10MB", "sandbox.memory: 10MB is too little: at least 64MiB"),
        ("sandbox.memory=lots", "sandbox.memory: 'lots' is no size"),
        ("sandbox.disk=-1", "sandbox.disk: '-1' is no size"),
        ("sandbox.disk=9e30", "sandbox.disk"),
        ("sandbox.processes=3", "sandbox.processes must be 16 or more"),
        ("sandbox.cpu_seconds=0", "sandbox.cpu_seconds"),
        ("sandbox.memroy=1GB", "unknown key 'sandbox.memroy'; did you mean 'sandbox.memory'?"),
        ("sandbox=podman", "sandbox.kind must be 'auto', 'docker' or 'bubblewrap'"),
    ],
)
def test_what_is_out_of_range_is_one_line(said, told):
    with pytest.raises(UsageError) as refused:
        load([said])
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)
