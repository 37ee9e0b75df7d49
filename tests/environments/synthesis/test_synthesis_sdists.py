import hashlib
import http.server
import io
import json
import tarfile
import threading
from functools import partial

import pytest

from environments.synthesis.catalogue import PYTEST, catalogue, find, infer
from environments.synthesis.sdists import Sdist, SdistError, fetch, unpack


def archive(files, links=()):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))
        for name, target in links:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            tar.addfile(member)
    return content.getvalue()


CODE = archive(
    {"My_Pkg-1.0/my_pkg/__init__.py": b"x = 1\n", "My_Pkg-1.0/tests/test_x.py": b"", "My_Pkg-1.0/setup.py": b"1/0"}
)


class Index(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def guess_type(self, _):
        return "application/vnd.pypi.simple.v1+json"


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A package index on loopback that pip's environment variable names."""
    folder = tmp_path / "index"
    (folder / "my-pkg").mkdir(parents=True)
    (folder / "files").mkdir()
    (folder / "files" / "my_pkg-1.0.tar.gz").write_bytes(CODE)
    entry = {
        "filename": "My_Pkg-1.0.tar.gz",
        "url": "../files/my_pkg-1.0.tar.gz",
        "hashes": {"sha256": hashlib.sha256(CODE).hexdigest()},
    }
    (folder / "my-pkg" / "index.html").write_text(json.dumps({"files": [{"filename": "my_pkg-0.9.zip"}, entry]}))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Index, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}")
        yield folder
        server.shutdown()


def test_fetches_by_pips_index_once_and_accepts_by_hash_alone(index, tmp_path):
    first = fetch("my.pkg", "1.0", cache_folder=tmp_path)
    assert first == Sdist(tmp_path / "sdists" / "my-pkg-1.0.tar.gz", hashlib.sha256(CODE).hexdigest())
    (index / "my-pkg" / "index.html").unlink()
    assert fetch("my-pkg", "1.0", first.sha256, tmp_path) == first


def test_a_wrong_file_is_refused_and_not_kept(index, tmp_path):
    (index / "files" / "my_pkg-1.0.tar.gz").write_bytes(CODE + b"more")
    with pytest.raises(SdistError, match="expected SHA-256"):
        fetch("my-pkg", "1.0", hashlib.sha256(CODE).hexdigest(), tmp_path)
    assert list((tmp_path / "sdists").iterdir()) == []


def test_a_damaged_file_in_the_cache_is_fetched_again(index, tmp_path):
    sdist = fetch("my-pkg", "1.0", cache_folder=tmp_path)
    sdist.path.write_bytes(b"damaged")
    assert fetch("my-pkg", "1.0", sdist.sha256, tmp_path).path.read_bytes() == CODE


@pytest.mark.parametrize(
    "name, version, message", [("my-pkg", "0.9", "no source distribution"), ("other", "1.0", "no readable page")]
)
def test_what_the_index_lacks_is_said_in_one_line(index, tmp_path, name, version, message):
    with pytest.raises(SdistError, match=message) as caught:
        fetch(name, version, cache_folder=tmp_path)
    assert "\n" not in str(caught.value)


def test_unpacking_leaves_built_copies_out(tmp_path):
    built = ["build/lib/p.py", "dist/p.whl", "p/__pycache__/p.cpython-311.pyc", "p/old.pyc", "eggs/p.egg"]
    content = archive({f"p-1/{name}": b"x" for name in [*built, "p/__init__.py", "docs/build/conf.py"]})
    (tmp_path / "p.tar.gz").write_bytes(content)
    unpack(Sdist(tmp_path / "p.tar.gz", ""), tmp_path / "tree")
    left = {str(path.relative_to(tmp_path / "tree")) for path in (tmp_path / "tree").rglob("*") if path.is_file()}
    assert left == {"p/__init__.py", "docs/build/conf.py"}


@pytest.mark.parametrize(
    "content",
    [
        archive({"../escaped.py": b"x"}),
        archive({"p-1/a.py": b"x"}, links=[("p-1/link", "/etc/passwd")]),
        archive({"p-1/a.py": b"x", "q-1/a.py": b"x"}),
        b"no archive",
    ],
)
def test_a_hostile_archive_is_refused(tmp_path, content):
    (tmp_path / "p.tar.gz").write_bytes(content)
    with pytest.raises(SdistError):
        unpack(Sdist(tmp_path / "p.tar.gz", ""), tmp_path / "tree")
    assert not (tmp_path / "escaped.py").exists()
    assert not (tmp_path / "tree").exists()


def test_the_catalogue_pins_every_package_and_none_that_pytest_needs():
    packages = catalogue().values()
    assert len(packages) >= 12
    runner = {requirement.partition("==")[0] for requirement in PYTEST}
    for package in packages:
        assert len(package.sha256) == 64
        assert all("==" in requirement for requirement in package.environment.packages)
        assert package.environment.test_paths
        assert package.name not in runner


def test_a_package_of_the_test_runner_cannot_be_mutated(tmp_path):
    with pytest.raises(SdistError, match="test runner"):
        find("Pluggy", "1.7.0", tmp_path)


@pytest.mark.parametrize(
    "files, sources, python_path, test_paths",
    [
        (["src/my_pkg/__init__.py", "tests/test_a.py"], ("src/my_pkg",), ("src", "."), ("tests",)),
        (["my_pkg/__init__.py", "my_pkg/tests/test_a.py", "other/__init__.py"], ("my_pkg",), (".",), ("my_pkg/tests",)),
        (["my_pkg/__init__.py", "my_pkg/tests.py"], ("my_pkg",), (".",), ("my_pkg/tests.py",)),
        (["my_pkg.py", "test_my_pkg.py", "setup.py"], ("my_pkg.py",), (".",), ("test_my_pkg.py",)),
    ],
)
def test_the_layout_of_other_packages_is_inferred(tmp_path, files, sources, python_path, test_paths):
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    package = infer("my-pkg", "1.0", "0" * 64, tmp_path)
    assert package.sources == sources
    assert package.environment.python_path == python_path
    assert package.environment.test_paths == test_paths
    assert not any("test" in module for module in package.modules(tmp_path))


def test_a_package_without_tests_is_refused(tmp_path):
    (tmp_path / "my_pkg.py").write_text("")
    with pytest.raises(SdistError, match="no tests"):
        infer("my-pkg", "1.0", "0" * 64, tmp_path)
