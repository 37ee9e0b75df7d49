"""Finding what runs leave behind."""

import http.client
import json
import os
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from acceptance.batch.kills import left_over
from acceptance.batch.kills.call_counter import Counter
from environments.sandboxes import leftovers
from environments.sandboxes.bubblewrap.launcher import adopt_orphans, adopts_orphans

ORPHANING = """
import subprocess
quiet = {{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}}
print(subprocess.Popen(["sleep", "{seconds}"], start_new_session=True, **quiet).pid)
"""


def orphan(seconds):
    """Start a process that leaves a child of its own behind; returns the child's pid."""
    done = subprocess.run([sys.executable, "-c", ORPHANING.format(seconds=seconds)], capture_output=True, check=True)
    return int(done.stdout)


def others():
    """Children of the test process itself, such as pytest-xdist's."""
    return set(left_over.surviving_processes((), grace=0))


def test_an_orphan_is_found_whatever_session_it_is_in():
    with left_over.adopting_orphans():
        known = others()
        pid = orphan(600)
        try:
            assert left_over.surviving_processes(known, grace=0) == {pid: "sleep 600"}
            assert left_over.surviving_processes({*known, pid}, grace=0) == {}
        finally:
            os.kill(pid, 9)
        assert left_over.surviving_processes(known, grace=10) == {}


def test_an_adopted_process_that_has_ended_is_reaped():
    with left_over.adopting_orphans():
        known = others()
        pid = orphan(0)
        assert left_over.surviving_processes(known, grace=10) == {}
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.parametrize("adopts", [False, True])
def test_orphans_go_afterwards_where_they_went_before(adopts):
    # Who has started sandboxes reaps their processes, and must go on doing so.
    before = adopts_orphans()
    try:
        adopt_orphans(adopts)
        with left_over.adopting_orphans():
            pass
        pid = orphan(600)
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(pid, 9)
        assert (parent == os.getpid()) is adopts
        if adopts:
            os.waitpid(pid, 0)
    finally:
        adopt_orphans(before)


def test_what_lies_in_the_state_folder_is_named(tmp_path):
    assert left_over.state_folders(tmp_path / "none") == []
    (tmp_path / "1234abcd").mkdir()
    assert left_over.state_folders(tmp_path) == ["1234abcd"]


def test_a_control_group_is_known_by_its_owner():
    assert left_over.owner_of(leftovers.cgroup_name(3)) == os.getpid()


def test_control_groups_and_mounts_of_others_are_not_ours():
    assert left_over.control_groups([2**22 + 1]) == []
    assert left_over.mounts_below(Path("/nowhere/at/all")) == []
    assert left_over.mounts_below(Path("/proc"))


def post(address, path, body, proxy):
    request = urllib.request.Request(address + path, json.dumps(body).encode(), {"content-type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy}))
    with opener.open(request, timeout=30) as answer:
        return json.loads(answer.read())


def test_calls_are_passed_on_and_counted(tmp_path, scripted_endpoint):
    ask = {"model": "m", "messages": [{"role": "user", "content": "Write a test"}]}
    with Counter(tmp_path / "calls.jsonl") as counter:
        proxy = counter.environment["HTTP_PROXY"]
        first = post(scripted_endpoint, "/chat/completions", ask, proxy)
        post(scripted_endpoint, "/chat/completions", ask, proxy)
        post(scripted_endpoint, "/chat/completions", {**ask, "seed": 1}, proxy)
        post(scripted_endpoint, "/tokenize", ask, proxy)
        counts = counter.counts()
    assert "issue_present()" in first["choices"][0]["message"]["content"]
    assert len(counts.keys) == counts.answered == 3
    assert counts.keys[0] == counts.keys[1] != counts.keys[2]


def test_a_call_whose_server_is_gone_counts_as_begun_only(tmp_path):
    with Counter(tmp_path / "calls.jsonl") as counter:
        with pytest.raises(http.client.RemoteDisconnected):
            post("http://127.0.0.1:9", "/chat/completions", {}, counter.environment["HTTP_PROXY"])
        counts = counter.counts()
    assert (len(counts.keys), counts.answered) == (1, 0)


def test_what_a_dead_process_had_sent_is_counted_once_settled(tmp_path, scripted_endpoint):
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "Write a test"}]}).encode()
    head = f"POST {scripted_endpoint}/chat/completions HTTP/1.1\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    with Counter(tmp_path / "calls.jsonl") as counter:
        address = urllib.parse.urlsplit(counter.environment["HTTP_PROXY"])
        for sent in (head + body, head + body[:-1], head):
            with socket.create_connection((address.hostname, address.port)) as connection:
                connection.sendall(sent)
        counter.settle()
        assert len(counter.counts().keys) == 1
