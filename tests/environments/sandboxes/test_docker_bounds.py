"""What engines say of what they can limit."""

import pytest

from environments.sandboxes.docker.bounds import cannot_limit


@pytest.mark.parametrize(
    "about, lacking",
    [
        ({"MemoryLimit": True, "PidsLimit": True, "CgroupVersion": "1"}, []),
        ({"MemoryLimit": True, "PidsLimit": True, "CgroupVersion": "2", "Rootless": True}, []),
        ({"MemoryLimit": True, "PidsLimit": True, "CgroupVersion": "1", "Rootless": True}, ["memory", "processes"]),
        ({"MemoryLimit": False, "PidsLimit": True}, ["memory"]),
        ({"MemoryLimit": True, "PidsLimit": False}, ["processes"]),
    ],
)
def test_what_is_taken_and_ignored_is_known(about, lacking):
    assert cannot_limit(about) == lacking
