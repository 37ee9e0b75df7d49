"""What a watch makes of a process that hides what it holds while the host's disk loses more than is left."""

import pytest

from environments.sandboxes.bubblewrap import watch as watching
from environments.sandboxes.bubblewrap.watch import Watch

LEFT = 1000


@pytest.mark.parametrize(
    ("hides", "said"),
    [
        ([True, False, True], [None, None, None]),  # each for the moment of a start; another filled the disk
        ([False, True, True], [None, None, "disk"]),
    ],
)
def test_what_is_hidden_counts_when_it_is_hidden_at_two_looks_in_a_row(tmp_path, monkeypatch, hides, said):
    looks = iter(hides)
    free = [1 << 40]
    monkeypatch.setattr(watching, "free_disk", lambda place: free[0])
    monkeypatch.setattr(watching, "is_hidden", lambda init_pid: next(looks))
    watch = Watch(tmp_path, LEFT, memory=None)
    free[0] -= 2 * LEFT
    reasons = []
    for _ in hides:
        monkeypatch.setattr(watch.pace, "is_due", lambda written: True)
        reasons.append(watch(1 << 30))
    assert reasons == said
