"""``runoff images``: rows to images by the real engine, on an environment layer that is there; pulls that fail."""

import json

import docker_images
import hidden_fix
import pytest
from image_registry import serving

from environments.images import images_on_disk as library
from environments.images.building import find_built
from environments.images.task_images import TaskImages
from environments.sandboxes.docker import connect
from environments.specs import ImageSpec, SpecError
from swebench_runs.cli import run_command
from swebench_runs.config.sandboxes import bytes_of
from swebench_runs.splits.images import row_images

pytestmark = pytest.mark.skipif(not docker_images.possible(), reason=docker_images.WHY_NOT)


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A folder with a repository and two rows: one without a version, one of a repository that nobody knows."""
    place = tmp_path / "repos" / "pallets__flask"
    (place / "src/flask").mkdir(parents=True)
    hidden_fix.git(place.parent, "init", "-q", str(place))
    (place / "src/flask/__init__.py").write_text('__version__ = "2.3.0.dev"\n')
    base = hidden_fix.commit(place, "base")
    common = {"problem_statement": "It is broken.", "base_commit": base}
    rows = [
        {**common, "instance_id": "pallets__flask-1", "repo": "pallets/flask"},
        {**common, "instance_id": "owner__name-1", "repo": "owner/name", "version": "1.0"},
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setattr(row_images, "find_spec", _spec)
    monkeypatch.setattr(TaskImages, "environment", lambda self, spec: find_built(connect(), docker_images.base()))
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for image in connect().api.images(filters={"label": f"dev.runoff.base-commit={base}"}):
        connect().api.remove_image(image["Id"])


def _spec(repo, version):
    if repo != "pallets/flask":
        raise SpecError(f"no environment is known for the repository {repo}")
    named = {"repo": repo, "version": version, "python": "3.11", "pins_name": "none", "pins": ()}
    return ImageSpec(**named, validated=False, install="true", test_command="true", log_parser="pytest")


def build(*more):
    return run_command(["images", "build", "--subset", "rows.jsonl", "--repos", "repos", "-o", "account.json", *more])


def account(folder):
    return json.loads((folder / "account.json").read_text())["instances"]


class TestBuild:
    def test_an_image_is_built_and_told_and_the_inferred_version_recorded(self, world, capsys):
        assert build("-i", "pallets__flask-1") == 0
        told = account(world)["pallets__flask-1"]
        assert find_built(connect(), told["reference"]).head == told["head"]
        assert (told["version"], told["inferred"]) == ("2.3", "src/flask/__init__.py says 2.3.0.dev (stated)")
        assert told["seconds"] > 0
        assert "Made anew, at the median" in capsys.readouterr().out

    def test_what_cannot_be_built_stops_nothing_else(self, world, capsys):
        assert build() == 1
        told = account(world)
        assert "no environment is known" in told["owner__name-1"]["problem"]
        assert not told["pallets__flask-1"]["problem"]
        assert "1 of 2 images were not made" in capsys.readouterr().out

    def test_again_reuses_and_keeps_what_was_measured(self, world, capsys):
        build("-i", "pallets__flask-1")
        first = account(world)
        capsys.readouterr()
        assert build("-i", "pallets__flask-1") == 0
        assert account(world) == first
        assert "pallets__flask-1: was there" in capsys.readouterr().out

    def test_usage_errors_end_before_anything_is_built(self, world):
        assert build("--disk-budget", "lots") == 2
        assert build("-i", "pallets__flask-2") == 2
        (world / "account.json").write_text("[]")
        assert build("-i", "pallets__flask-1") == 2
        assert not connect().api.images(filters={"label": "dev.runoff.instance=pallets__flask-1"})


class TestPull:
    def test_a_failure_is_the_infrastructures_and_told_for_each(self, world, capsys):
        with serving() as registry:
            registry.refusals = [(404, "MANIFEST_UNKNOWN", "manifest unknown")] * 100
            template = f"{registry.host}/images/{{id_lower}}:latest"
            command = ["images", "pull", "--subset", "rows.jsonl", "--template", template, "-o", "account.json"]
            assert run_command(command) == 1
        assert all("cannot be pulled (manifest" in told["problem"] for told in account(world).values())
        assert "2 of 2 images were not made" in capsys.readouterr().out

    def test_what_was_pulled_but_cannot_be_used_is_told_too(self, world):
        with serving() as registry:
            template = f"{registry.host}/images/{{id_lower}}:latest"
            command = ["images", "pull", "--subset", "rows.jsonl", "--template", template, "-o", "account.json"]
            assert run_command([*command, "-i", "pallets__flask-1"]) == 1
            connect().api.remove_image(f"{registry.host}/images/pallets__flask-1:latest")
        assert "cannot be built" in account(world)["pallets__flask-1"]["problem"]

    def test_a_mirror_stands_in_for_the_registry(self, world, capsys):
        with serving() as registry:
            registry.refusals = [(404, "MANIFEST_UNKNOWN", "manifest unknown")] * 100
            command = ["images", "pull", "--subset", "rows.jsonl", "--mirror", f"{registry.host}/hub"]
            assert run_command([*command, "-i", "pallets__flask-1"]) == 1
            assert registry.manifests > 0
        assert f"{registry.host}/hub/swebench/sweb.eval.x86_64.pallets_1776_flask-1" in capsys.readouterr().out


class TestListAndClean:
    def test_it_lists_what_was_built(self, world, capsys):
        build("-i", "pallets__flask-1")
        capsys.readouterr()
        assert run_command(["images", "list"]) == 0
        assert "pallets__flask-1" in capsys.readouterr().out

    def test_it_removes_what_the_library_lets_go(self, world, capsys, monkeypatch):
        mark = "dev.runoff.test-nothing-has-this"
        monkeypatch.setattr(library, "LAYER_LABEL", mark)
        monkeypatch.setattr(library, "_FOUNDATIONS", ())
        assert run_command(["images", "clean"]) == 0
        assert run_command(["images", "clean", "--disk-budget", "1GB"]) == 0
        assert "0 images removed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "size"), [("20GB", 20 * 10**9), ("500 MB", 5 * 10**8), ("1.5GiB", 3 << 29), ("12", 12), ("7k", 7000)]
)
def test_sizes_as_users_write_them(text, size):
    assert bytes_of(text) == size


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "20 gigs"])
def test_no_sizes(text):
    with pytest.raises(ValueError, match="20GB"):
        bytes_of(text)
