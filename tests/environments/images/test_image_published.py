"""Pulling from a real registry (a tiny one, on this machine), and adopting an image built like the published ones."""

import subprocess
import tarfile
from uuid import uuid4

import docker_images
import hidden_fix
import pytest
from image_registry import serving

from environments.images.building import find_built
from environments.images.engine_build import ImageBuildError
from environments.images.published import adopt
from environments.images.pulling import Pulled, PullError, Retries, pull, pull_all
from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker import DockerSandbox, connect

pytestmark = pytest.mark.skipif(not docker_images.possible(), reason=docker_images.WHY_NOT)

QUICK = Retries(attempts=4, first_wait=0.01, longest_wait=0.05)
CONDA_SH = """
conda() {
    export CONDA_PREFIX=/opt/miniconda3/envs/$2 CONDA_DEFAULT_ENV=$2
    export PATH=$CONDA_PREFIX/bin:$PATH
}
"""
BASHRC = """
# as Debian's and Ubuntu's begin
case $- in *i*) ;; *) return ;; esac
echo welcome
source /opt/miniconda3/etc/profile.d/conda.sh && conda activate testbed
"""
DOCKERFILE = """
FROM {base}
ADD context.tar /
RUN mkdir -p /opt/miniconda3/envs/testbed/bin /opt/miniconda3/envs/testbed/lib/python3.11/site-packages \\
 && ln -s /usr/bin/python3 /opt/miniconda3/envs/testbed/bin/python \\
 && echo 'home = /usr/bin' > /opt/miniconda3/envs/testbed/pyvenv.cfg \\
 && touch /opt/miniconda3/envs/testbed/lib/python3.11/site-packages/only_in_the_environment.py \\
 && chown -R root:root /testbed && chmod -R go-w /testbed && chmod 700 /root
WORKDIR /testbed
ENTRYPOINT ["/bin/false"]
"""


@pytest.fixture
def registry():
    with serving() as running:
        yield running
        api = connect().api
        for image in api.images():
            for tag in image["RepoTags"] or ():
                if tag.startswith(running.host):
                    api.remove_image(tag)


class TestPull:
    def test_a_throttled_registry_is_asked_again(self, registry):
        registry.refusals = [(429, "TOOMANYREQUESTS", "slow down, retry-after: 20ms")] * 4
        found = pull(connect(), f"{registry.host}/some/image:latest", QUICK)
        assert 1 < found.attempts <= QUICK.attempts
        assert find_built(connect(), found.reference).image_id == found.image_id
        assert pull(connect(), found.reference, QUICK).attempts == 0

    def test_a_registry_in_trouble_is_asked_again_until_the_attempts_are_used_up(self, registry):
        registry.refusals = [(503, "UNAVAILABLE", "down")] * 1000
        with pytest.raises(PullError) as caught:
            pull(connect(), f"{registry.host}/some/image:latest", QUICK)
        assert caught.value.attempts == QUICK.attempts
        assert isinstance(caught.value, SandboxError)

    def test_a_pull_has_a_deadline_for_all_its_attempts(self, registry):
        registry.refusals = [(503, "UNAVAILABLE", "down")] * 1000
        patient = Retries(attempts=1000, first_wait=0.05, longest_wait=0.05, seconds=0.2)
        with pytest.raises(PullError) as caught:
            pull(connect(), f"{registry.host}/some/image:latest", patient)
        assert caught.value.attempts < 10
        assert caught.value.fault == "pull"

    def test_what_is_not_there_is_not_asked_for_again(self, registry):
        registry.refusals = [(404, "MANIFEST_UNKNOWN", "manifest unknown")] * 1000
        with pytest.raises(PullError, match="1 attempts"):
            pull(connect(), f"{registry.host}/some/image:latest", QUICK)

    def test_one_failure_stops_no_other_and_each_has_its_outcome(self, registry):
        references = [f"{registry.host}/image/{n}:latest" for n in range(4)]
        references.insert(1, "nowhere.invalid/image/x:latest")
        told = {}
        outcomes = pull_all(connect(), references, workers=2, retries=QUICK, progress=told.__setitem__)
        assert outcomes == told
        kinds = [type(outcomes[reference]) for reference in references]
        assert kinds == [Pulled, PullError, Pulled, Pulled, Pulled]


@pytest.fixture(scope="module")
def look_alike(tmp_path_factory):
    """Return a local image laid out as the published ones are, as one that was pulled."""
    folder = tmp_path_factory.mktemp("published")
    tree = folder / "testbed"
    tree.mkdir()
    base = hidden_fix.make_history(tree)
    hidden_fix.git(tree, "checkout", "-q", base)
    (tree / ".gitignore").write_text("build/\n")
    (tree / "build").mkdir()
    (tree / "build" / "made.txt").write_text("by the installation\n")
    hidden_fix.commit(tree, "SWE-bench")
    (folder / "conda.sh").write_text(CONDA_SH)
    (folder / "bashrc").write_text(BASHRC)
    with tarfile.open(folder / "context.tar", "w") as archive:
        archive.add(tree, "testbed")
        archive.add(folder / "conda.sh", "opt/miniconda3/etc/profile.d/conda.sh")
        archive.add(folder / "bashrc", "root/.bashrc")
    subprocess.run(["rm", "-r", tree], check=True)
    (folder / "Dockerfile").write_text(DOCKERFILE.format(base=docker_images.base()))
    name = f"runoff-test/published:{uuid4().hex[:8]}"
    said = list(connect().api.build(path=str(folder), tag=name, rm=True, forcerm=True, decode=True))
    assert not any("error" in line for line in said), said
    found = find_built(connect(), name)
    yield Pulled(name, found.image_id, found.size, 1, 0.0)
    connect().api.remove_image(name)


@pytest.fixture(scope="module")
def adopted(look_alike, tmp_path_factory):
    before = _nameless()
    image = adopt(connect(), look_alike, "owner__name-1", tmp_path_factory.mktemp("cache"))
    assert _nameless() == before
    yield image
    connect().api.remove_image(image.reference)


@pytest.fixture
def sandbox(adopted):
    with DockerSandbox.create(adopted.reference, head=adopted.head) as opened:
        yield opened


class TestAdopt:
    def test_the_look_alike_hides_its_environment_and_shows_the_fix(self, look_alike):
        with DockerSandbox.create(look_alike.reference, user=None) as before:
            assert before.run("python -c 'import only_in_the_environment'").exit_code != 0
            assert "REPAIRED-BY-UPSTREAM" in before.run("git log --all -p").text
            assert before.run("git rev-list --count HEAD").text.strip() == "3"

    def test_commands_find_the_environment_without_a_bashrc(self, sandbox):
        told = sandbox.run(["python", "-c", "import sys, only_in_the_environment; print(sys.executable, sys.prefix)"])
        assert told.text.split() == ["/opt/miniconda3/envs/testbed/bin/python", "/opt/miniconda3/envs/testbed"]
        assert sandbox.run("echo $CONDA_DEFAULT_ENV $HOME").text.split() == ["testbed", "/tmp/home"]

    def test_the_tree_is_one_commit_and_the_users(self, sandbox, adopted):
        assert sandbox.run("git rev-list --all --count && git rev-parse HEAD").text.split() == ["1", adopted.head]
        assert sandbox.run("find /testbed ! -user 1000 | head").text == ""
        assert sandbox.run("id -u").text.strip() == "1000"

    def test_the_fix_is_nowhere_to_be_found(self, sandbox, tmp_path):
        (tmp_path / "tree.tar").write_bytes(_tar(sandbox))
        with tarfile.open(tmp_path / "tree.tar") as archive:
            archive.extractall(tmp_path / "tree", filter="fully_trusted")
        assert (tmp_path / "tree" / "code.py").read_text() == "def f():\n    return 'broken'\n"
        assert hidden_fix.places_of_the_fix(tmp_path / "tree") == []

    def test_what_was_ignored_is_still_there(self, sandbox):
        assert sandbox.run("cat build/made.txt").text == "by the installation\n"

    def test_a_change_shows_in_the_diff_and_nothing_else_does(self, sandbox):
        assert sandbox.diff() == ""
        sandbox.write("code.py", b"def f():\n    return 'mine'\n")
        assert [line for line in sandbox.diff().splitlines() if line[:1] in "+-"] == [
            "--- a/code.py",
            "+++ b/code.py",
            "-    return 'broken'",
            "+    return 'mine'",
        ]

    def test_it_is_done_once(self, adopted, look_alike, tmp_path):
        again = adopt(connect(), look_alike, "owner__name-1", tmp_path)
        assert again.reused
        assert (again.reference, again.head) == (adopted.reference, adopted.head)

    def test_an_image_whose_tree_is_no_repository_is_refused_and_leaves_nothing(self, tmp_path):
        name = f"runoff-test/published:{uuid4().hex[:8]}"
        (tmp_path / "Dockerfile").write_text(f"FROM {docker_images.base()}\nRUN git init -q /testbed\n")
        list(connect().api.build(path=str(tmp_path), tag=name, rm=True, forcerm=True, decode=True))
        found, before = find_built(connect(), name), _nameless()
        try:
            with pytest.raises(ImageBuildError, match="no repository with an index"):
                adopt(connect(), Pulled(name, found.image_id, found.size, 1, 0.0), "owner__name-2", tmp_path)
        finally:
            connect().api.remove_image(name)
        assert _nameless() == before


def _nameless():
    found = connect().api.images(filters={"label": "dev.runoff.layer=published", "dangling": True})
    return {image["Id"] for image in found}


def _tar(sandbox):
    sandbox.run("tar -C /testbed -cf /tmp/tree.tar .")
    return sandbox.read("/tmp/tree.tar")
