"""The image of somebody's checkout: its Dockerfile is built, and only that; its tree is at /testbed, as one commit."""

import time

import docker_images
import pytest

from environments.images.checkout_image import checkout_image
from environments.images.engine_build import ImageBuildError
from environments.images.task_images import remove_image
from environments.sandboxes.bubblewrap import BubblewrapSandbox
from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker import DockerSandbox, connect
from environments.sandboxes.docker.unpacked import unpacked
from environments.task import EnvironmentSpec

needs_engine = pytest.mark.skipif(not docker_images.possible(), reason=docker_images.WHY_NOT)
PYTHON = "RUN ln -s python3 /usr/bin/python\n"
SPEC = EnvironmentSpec(dockerfile="deploy/Dockerfile")


@pytest.fixture
def checkout(tmp_path):
    """Return what writes a checkout with a Dockerfile."""

    def written(text):
        tree = tmp_path / "checkout"
        (tree / "deploy").mkdir(parents=True, exist_ok=True)
        (tree / "shop.py").write_text("PRICE = 1\n")
        (tree / ".gitignore").write_text("*.so\n")
        (tree / "deploy/Dockerfile").write_text(text)
        return tree

    return written


@pytest.fixture
def built(tmp_path):
    """Return what makes a checkout's image, which is removed at the end."""
    made = []

    def image(tree, spec=SPEC):
        made.append(checkout_image(connect(), tree, spec, tmp_path / "images"))
        return made[-1]

    yield image
    for one in made:
        remove_image(connect(), one.reference, tmp_path / "images")
        remove_image(connect(), one.stands_on, tmp_path / "images")


@needs_engine
class TestBuilt:
    def test_the_tree_lies_where_the_dockerfile_built_it(self, checkout, built, tmp_path):
        """What was built beside the files stays, and what named the old place still finds them."""
        tree = checkout(
            f"FROM {docker_images.base()}\n{PYTHON}WORKDIR /srv/app\nCOPY . .\nENV MODE=fast\n"
            'RUN echo binary > shop.so && echo changed >> shop.py\nUSER nobody\nENTRYPOINT ["false"]\nVOLUME /data\n'
        )
        image = built(tree)
        volumes = self.volumes()
        look = "cat shop.so shop.py; readlink /srv/app; git status -s; git log --format=tformat:x; id -u; echo $MODE"
        told = ["binary", "PRICE = 1", "/testbed", "x", "1000", "fast"]
        with DockerSandbox.create(image.reference, head=image.head) as sandbox:
            assert sandbox.run(look).text.split("\n")[:6] == told
            sandbox.write("/testbed/shop.py", b"PRICE = 2\n")
            assert "-PRICE = 1\n+PRICE = 2\n" in sandbox.diff()
        with (
            unpacked(connect(), image.reference, tmp_path / "cache") as root,
            BubblewrapSandbox.create([root.path], environment=root.environment) as sandbox,
        ):
            assert sandbox.run(look).text.split("\n")[:6] == told
        assert self.volumes() == volumes
        assert built(tree) == image

    def volumes(self):
        return {one["Name"] for one in connect().api.volumes()["Volumes"] or ()}

    def test_a_dockerfile_that_has_no_copy_of_the_tree_is_given_one(self, checkout, built):
        image = built(checkout(f"FROM {docker_images.base()}\n{PYTHON}WORKDIR /work\n"))
        with DockerSandbox.create(image.reference, head=image.head) as sandbox:
            assert sandbox.run("cat shop.py; ls -d /work").text == "PRICE = 1\n/work\n"

    def test_a_failing_command_is_told_with_the_place_of_the_log(self, checkout, tmp_path):
        tree = checkout(f"FROM {docker_images.base()}\nRUN echo no luck && false\n")
        with pytest.raises(ImageBuildError, match=r"(?s)deploy/Dockerfile cannot be built: .*log: .*no luck"):
            checkout_image(connect(), tree, SPEC, tmp_path / "images")

    def test_a_build_ends_when_its_time_is_up(self, checkout, tmp_path, monkeypatch):
        monkeypatch.setattr("environments.images.checkout_image._SECONDS", 2.0)
        tree = checkout(f"FROM {docker_images.base()}\nRUN while sleep 0.2; do echo {tmp_path.name}; done\n")
        with pytest.raises(ImageBuildError, match=r"it took longer than 2 s"):
            checkout_image(connect(), tree, SPEC, tmp_path / "images")
        deadline = time.monotonic() + 30
        while [one for one in connect().api.containers(all=True) if tmp_path.name in one["Command"]]:
            assert time.monotonic() < deadline, "the build goes on"
            time.sleep(0.1)

    def test_an_image_without_a_python_is_refused(self, checkout, built):
        for _ in range(2):
            with pytest.raises(SandboxError, match=r"with bash, git and python: .*python: command not found"):
                built(checkout(f"FROM {docker_images.base()}\n"))


@pytest.mark.parametrize(
    "line",
    [
        "ADD https://example.org/x.tar /x",
        "add\thttp://169.254.169.254/latest/meta-data /x",
        "ADD \\\n  https://example.org/x /x",
        "ARG WHERE\nADD $WHERE /x",
        "ADD git@github.com:a/b.git /x",
        "ONBUILD ADD https://example.org/x /x",
        "# escape=`\nADD `\nhttps://example.org/x /x",
        "# syntax=evil/frontend",
    ],
)
def test_the_engine_itself_fetches_nothing(checkout, tmp_path, line):
    with pytest.raises(ImageBuildError, match="refused"):
        checkout_image(None, checkout(f"{line}\nFROM x\n"), SPEC, tmp_path / "images")


@pytest.mark.parametrize("name", ["nowhere", "../outside", "/etc/passwd", "link", "folder/Dockerfile"])
def test_a_dockerfile_is_a_file_of_the_checkout(checkout, tmp_path, name):
    tree = checkout("FROM x\n")
    (tmp_path / "outside").mkdir()
    for place in (tmp_path / "outside/Dockerfile", tmp_path / "outside/file"):
        place.write_text("FROM x\n")
    (tree / "link").symlink_to(tmp_path / "outside/file")
    (tree / "folder").symlink_to(tmp_path / "outside")
    with pytest.raises(ImageBuildError, match="checkout"):
        checkout_image(None, tree, EnvironmentSpec(dockerfile=name), tmp_path / "images")
