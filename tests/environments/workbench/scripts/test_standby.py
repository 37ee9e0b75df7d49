"""Forks made ahead, on the real sandbox."""

import pytest

from environments.sandboxes.bubblewrap import BubblewrapSandbox, host_root
from environments.sandboxes.contract import SandboxError
from environments.task import EnvironmentSpec
from environments.trees.worktree import one_commit
from environments.workbench.forks.patched_trees import DoesNotApply, PatchedTrees
from environments.workbench.outcome import GeneratedTest, Outcome
from environments.workbench.scripts.script_runner import run_script
from environments.workbench.scripts.standby import StandBy

SPEC = EnvironmentSpec()
TEST = GeneratedTest.of("import module, sys\nif not module.VALUE:\n    issue_present()\n", "test:0")


def patch(number):
    return f"--- a/module.py\n+++ b/module.py\n@@ -1 +1 @@\n-VALUE = 0\n+VALUE = {number}\n"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("standby")
    (folder / "source").mkdir()
    (folder / "source" / "module.py").write_text("VALUE = 0\n")
    (folder / "layer").mkdir()
    one_commit(folder / "source", folder / "layer" / "testbed")
    with BubblewrapSandbox.create([folder / "layer"], root=host_root(), run_id="test") as sandbox:
        yield sandbox


@pytest.fixture
def trees(base):
    made = PatchedTrees(base)
    yield made
    made.close()


@pytest.fixture
def standby(trees):
    made = StandBy(trees, SPEC, 2)
    yield made
    made.close()


def ready(standby):
    """Wait until what is being made stands; (patch, fork) of each."""
    return [(patch, future.result()[0]) for patch, future in standby._ready]


def test_the_next_forks_stand_ready_while_one_is_used_and_no_more(standby):
    patches = [None, patch(1), patch(2), None]
    for each in patches:
        standby.expect(each)
    with standby.fork(None) as first:
        made = dict(ready(standby))
        assert list(made) == patches[1:3]
        assert all(fork._prepared for fork in made.values())
        assert run_script(first, TEST, SPEC, timeout=30).outcome is Outcome.FAIL
    with standby.fork(patch(2)) as second:  # out of turn, as two workers may come
        assert second is made[patch(2)]
        assert run_script(second, TEST, SPEC, timeout=30).outcome is Outcome.PASS
    with standby.fork(patch(1)) as third:
        assert third is made[patch(1)]
        assert "+VALUE = 1" in third.diff()
    with standby.fork(None) as last:
        assert run_script(last, TEST, SPEC, timeout=30).outcome is Outcome.FAIL
    with pytest.raises(SandboxError, match="closed"):
        last.run("true")


def test_a_patch_that_does_not_apply_is_told_to_who_asks(standby):
    bad = patch(1).replace("VALUE = 0", "VALUE = 7")
    for each in (None, bad, bad, patch(1)):
        standby.expect(each)
    for _ in range(2):
        with pytest.raises(DoesNotApply, match="patch does not apply"), standby.fork(bad):
            pass
    with standby.fork(patch(1)) as fork:
        assert run_script(fork, TEST, SPEC, timeout=30).outcome is Outcome.PASS


def test_closing_ends_what_stands_ready(standby):
    for each in (None, patch(1), patch(2), patch(3)):
        standby.expect(each)
    with standby.fork(None):
        forks = [fork for _, fork in ready(standby)]
    standby.close()
    for fork in forks:
        with pytest.raises(SandboxError, match="closed"):
            fork.run("true")
    with pytest.raises(SandboxError, match="closed"), standby.fork(patch(3)):
        pass
