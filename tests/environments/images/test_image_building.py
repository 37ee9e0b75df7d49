"""Layers built on a real engine: once, with their log, whole or not at all; what is kept, and what goes first."""

import os
import threading
from uuid import uuid4

import docker_images
import hidden_fix
import pytest
from docker.errors import NotFound

from environments.images import building
from environments.images import images_on_disk as library
from environments.images.build_recipe import BuildRecipe, ContextFile
from environments.images.building import build, find_built
from environments.images.engine_build import ImageBuildError
from environments.images.eviction import ImageBudget
from environments.images.foundation import Foundations
from environments.images.places import last_use, log_path, touch_use
from environments.images.task_images import TaskImage, TaskImages
from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker import DockerSandbox, connect
from environments.specs import ImageSpec
from environments.trees.repositories import Repositories

pytestmark = pytest.mark.skipif(not docker_images.possible(), reason=docker_images.WHY_NOT)


@pytest.fixture
def made():
    """Give a list; the images that it names are removed afterwards, the last one first."""
    names = []
    yield names
    for name in reversed(names):
        if find_built(connect(), name):
            connect().api.remove_image(name)


def recipe(*lines, **labels):
    """Return a recipe that is nobody else's."""
    text = "\n".join([f"FROM {docker_images.base()}", "COPY word /word", *lines, ""])
    return BuildRecipe("environment", text, (ContextFile.of("word", uuid4().hex),), {}, labels)


def image_of(kept):
    """Return what making an image that is there gives."""
    return TaskImage("", kept.reference, "", "", "", 0, 0.0, 0.0, reused=True)


def nameless():
    return {image["Id"] for image in connect().api.images(filters={"dangling": True})}


class LosesSteps:
    """An engine whose first builds find a step gone that another build removed; the rest are the real engine's."""

    def __init__(self, times):
        self.api, self.left, self.word = self, times, 'unable to find image "sha256:984583f8"'

    def __getattr__(self, name):
        return getattr(connect().api, name)

    def build(self, **options):
        if not self.left:
            return connect().api.build(**options)
        self.left -= 1
        options["fileobj"].read()
        return (one for one in [{"stream": "Step 1/4 : FROM base\n"}, {"error": self.word}])


class TestBuild:
    def test_a_step_that_another_build_removed_is_made_again(self, tmp_path, made, caplog):
        built = build(LosesSteps(1), recipe(), tmp_path)
        made.append(built.tag)
        assert find_built(connect(), built.tag)
        assert "was removed meanwhile" in caplog.text
        assert "unable to find image" in log_path(tmp_path, built.tag).read_text()

    def test_one_that_is_lost_each_time_is_told(self, tmp_path):
        engine = LosesSteps(100)
        with pytest.raises(ImageBuildError, match="unable to find image"):
            build(engine, recipe(), tmp_path)
        assert engine.left == 97

    def test_it_is_built_once_with_labels_and_a_log(self, tmp_path, made):
        wanted = recipe("RUN echo said-by-the-build", odd='a "b" $c \\d')
        first = build(connect(), wanted, tmp_path)
        made.append(first.tag)
        again = build(connect(), wanted, tmp_path)
        assert (first.tag, first.reused, again.reused) == (wanted.tag, False, True)
        assert again.image_id == first.image_id
        assert first.labels["odd"] == 'a "b" $c \\d'
        assert log_path(tmp_path, first.tag).read_text().splitlines().count("said-by-the-build") == 1

    def test_two_at_once_build_it_once(self, tmp_path, made, monkeypatch):
        wanted = recipe()
        started, original = [], building.run_dockerfile
        both = threading.Barrier(2)

        def counting(*arguments, **options):
            started.append(1)
            return original(*arguments, **options)

        monkeypatch.setattr(building, "run_dockerfile", counting)
        results = []

        def worker():
            both.wait()
            results.append(build(connect(), wanted, tmp_path))

        threads = [threading.Thread(target=worker) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        made.append(wanted.tag)
        assert len(started) == 1
        assert sorted(built.reused for built in results) == [False, True]

    def test_a_failure_tells_the_last_lines_and_the_log_and_leaves_nothing(self, tmp_path):
        wanted = recipe("RUN echo a-step-that-works", "RUN echo the reason is this >&2; exit 7")
        before = nameless()
        with pytest.raises(ImageBuildError, match="code: 7") as caught:
            build(connect(), wanted, tmp_path)
        assert "the reason is this" in str(caught.value)
        assert str(log_path(tmp_path, wanted.tag)) in str(caught.value)
        assert "a-step-that-works" in log_path(tmp_path, wanted.tag).read_text()
        assert find_built(connect(), wanted.tag) is None
        steps = {name for name in nameless() - before if _is_ours(name)}
        assert steps == set()

    def test_an_image_below_that_cannot_be_had(self, tmp_path):
        wanted = BuildRecipe("base", "FROM nowhere.invalid/debian:1\n", (), {}, {})
        with pytest.raises((ImageBuildError, SandboxError), match=r"nowhere\.invalid"):
            build(connect(), wanted, tmp_path)


def _is_ours(image):
    """Tell whether it is a step of such a recipe; others build beside the tests."""
    try:
        return "/word" in str(connect().api.history(image))
    except NotFound:  # gone meanwhile, with whoever had it
        return False


def spec(**more):
    said = {
        "repo": "owner/name",
        "version": "1.2",
        "validated": False,
        "python": "3.11",
        "pins_name": "none",
        "pins": (),
        "install": "printf made > made.txt",
        "test_command": "true",
        "log_parser": "pytest",
    }
    return ImageSpec(**{**said, **more})


@pytest.fixture
def images(tmp_path, monkeypatch):
    """Return what builds tasks of one repository, on an environment that is there."""
    place = tmp_path / "repos" / "owner__name"
    place.parent.mkdir()
    place.mkdir()
    base = hidden_fix.make_history(place)
    made = TaskImages(connect(), Repositories(tmp_path / "repos", tmp_path), cache=tmp_path / "cache")
    monkeypatch.setattr(made, "environment", lambda spec: find_built(connect(), docker_images.base()))
    return made, base


class TestTaskImages:
    def test_a_task_is_one_commit_with_what_its_installation_made(self, images, made):
        builder, base = images
        image = builder.ensure("owner__name-1", spec(), base)
        made.append(image.reference)
        assert not image.reused
        assert 0 < image.added_bytes < 1 << 20
        with DockerSandbox.create(image.reference, head=image.head) as sandbox:
            told = sandbox.run(
                "git rev-list --all --count; git rev-parse HEAD; cat made.txt; git log -p | grep -c UPSTREAM"
            )
            assert told.text.split() == ["1", image.head, "made0"]
            assert sandbox.run("find . ! -user 1000; git describe --tags").text == "v1.2\n"
            assert sandbox.diff() == ""

    def test_what_is_there_is_used_without_the_repository(self, images, made, tmp_path):
        builder, base = images
        image = builder.ensure("owner__name-1", spec(), base)
        made.append(image.reference)
        (tmp_path / "repos").rename(tmp_path / "gone")
        again = builder.ensure("owner__name-1", spec(), base)
        assert again.reused
        assert (again.reference, again.head, again.seconds) == (image.reference, image.head, 0.0)
        assert last_use(builder.folder, image.reference)

    def test_another_installation_is_another_image(self, images, made):
        builder, base = images
        references = {
            builder.ensure("owner__name-1", spec(install=f"echo {word} > made.txt"), base).reference
            for word in ("one", "two")
        }
        made += references
        assert len(references) == 2

    def test_an_installation_that_fails_is_told(self, images):
        builder, base = images
        with pytest.raises(ImageBuildError, match="no such thing"):
            builder.ensure("owner__name-1", spec(install="echo no such thing; false"), base)

    def test_it_is_removed_with_its_layers(self, images):
        builder, base = images
        image = builder.ensure("owner__name-1", spec(), base)
        builder.remove(image)
        assert find_built(connect(), image.reference) is None
        assert last_use(builder.folder, image.reference) is None


class TestFoundations:
    def test_a_base_image_that_is_nowhere(self, tmp_path):
        with pytest.raises(ImageBuildError, match=r"no image nowhere\.invalid/debian:1"):
            Foundations(connect(), tmp_path, base_image="nowhere.invalid/debian:1").of("3.9")

    def test_without_a_registry_they_are_made_here_and_that_is_noted(self, tmp_path, monkeypatch):
        found = Foundations(connect(), tmp_path)
        made = []
        monkeypatch.setattr(found, "_have", lambda image: False)
        monkeypatch.setattr(found, "_made", lambda image, options: made.append((image, options)))
        assert found.of("3.9").python_image == "runoff/cpython:3.9"
        assert made == [("runoff/debian:bookworm", []), ("runoff/cpython:3.9", ["--python", "3.9"])]
        assert "made on this machine" in found.notes[0]
        assert found.of("3.9") == found.of("3.9")
        assert len(found.notes) == 1

    def test_a_python_that_is_not_here_either(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
        found = Foundations(connect(), tmp_path, base_image=docker_images.base(), bootstrap=True)
        with pytest.raises(ImageBuildError, match=r"no CPython 3\.99 in"):
            found.of("3.99")


@pytest.fixture
def shelf(tmp_path, made, monkeypatch):
    """Give three images used one after the other, the only ones that the library sees."""
    mark = f"dev.runoff.test-{uuid4().hex}"
    monkeypatch.setattr(library, "LAYER_LABEL", mark)
    monkeypatch.setattr(library, "_FOUNDATIONS", ())
    for age, name in enumerate(("newest", "middle", "oldest")):
        kept = recipe(f"RUN head -c {1 << 20} /dev/urandom > /{name}", **{mark: "task"})
        tag = build(connect(), kept, tmp_path).tag
        made.append(tag)
        touch_use(tmp_path, tag)
        used = next((tmp_path / "used").glob(f"*{tag.rpartition(':')[2]}"))
        os.utime(used, (1_000_000_000 - age, 1_000_000_000 - age))
    found = library.list_images(connect(), tmp_path)
    assert [one.reference for one in found] == list(reversed(made)), "nothing else may be seen, or it would be removed"
    return found


class TestLibrary:
    def test_the_one_used_longest_ago_goes_first(self, shelf, tmp_path):
        budget = library.total_bytes(shelf) - 1
        gone = library.evict(connect(), tmp_path, budget)
        assert [one.reference for one in gone] == [shelf[0].reference]
        assert [one.reference for one in library.list_images(connect(), tmp_path)] == [
            one.reference for one in shelf[1:]
        ]

    def test_one_in_use_and_one_that_is_kept_stay(self, shelf, tmp_path):
        with DockerSandbox.create(shelf[0].reference, user=None) as sandbox:
            assert library.list_images(connect(), tmp_path)[0].in_use
            gone = library.evict(connect(), tmp_path, 0, keep={shelf[1].reference})
            assert [one.reference for one in gone] == [shelf[2].reference]
            assert sandbox.run("true", cwd="/").exit_code == 0
        assert find_built(connect(), shelf[0].reference)

    def test_a_run_lets_go_of_what_no_task_works_with(self, shelf, tmp_path):
        names = [one.reference for one in shelf]
        budget = ImageBudget(connect(), tmp_path, 0)
        with budget.holding(lambda: image_of(shelf[1])):
            assert [one.reference for one in library.list_images(connect(), tmp_path)] == [names[1]]
        assert library.list_images(connect(), tmp_path) == []

    def test_without_a_budget_all_stay(self, shelf, tmp_path):
        with ImageBudget(connect(), tmp_path, None).holding(lambda: image_of(shelf[0])):
            pass
        assert library.list_images(connect(), tmp_path) == shelf

    def test_what_another_stands_on_goes_after_it(self, shelf, tmp_path, made):
        lower = shelf[0]
        mark = library.LAYER_LABEL
        above = BuildRecipe(
            "environment", f"FROM {lower.reference}\nRUN head -c 100000 /dev/zero > /above\n", (), {}, {mark: "task"}
        )
        upper = build(connect(), above, tmp_path, f"runoff/test:{uuid4().hex[:12]}")
        made.append(upper.tag)
        found = {one.reference: one for one in library.list_images(connect(), tmp_path)}
        assert found[lower.reference].dependents == 1
        assert found[upper.tag].shared_bytes == lower.own_bytes + lower.shared_bytes
        assert 100_000 <= found[upper.tag].own_bytes < 110_000
        gone = [one.reference for one in library.remove_all(connect(), tmp_path)]
        assert gone.index(upper.tag) < gone.index(lower.reference)
        assert library.list_images(connect(), tmp_path) == []
