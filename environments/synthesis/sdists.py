"""Source distributions from the user's package index: fetched without running any code, accepted by hash only."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import ssl
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import httpx
from platformdirs import user_cache_path

from environments.errors import DataError
from environments.host_python import host_python
from environments.trees.archives import extract

MAX_BYTES = 20 << 20
MAX_UNPACKED = 200 << 20
_SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
_STALE = ("build", "dist")
"""Top-level folders that hold built copies of the code."""


class SdistError(DataError):
    """The source distribution cannot be had. One clear line that says what to do."""


@dataclass(frozen=True)
class Sdist:
    """A source distribution on this machine."""

    path: Path
    sha256: str


def fetch(name: str, version: str, sha256: str | None = None, cache_folder: Path | None = None) -> Sdist:
    """Return the package's sdist from the cache or the index.

    The index, certificate and proxy settings are pip's and the environment's. Accepted is only what has ``sha256``
    or, for a package outside the catalogue, the hash that the index names. Raises SdistError.
    """
    shelf = (cache_folder or user_cache_path("runoff")) / "sdists"
    cached = shelf / f"{normalised(name)}-{version}.tar.gz"
    if sha256 is not None and cached.is_file() and _hash(cached) == sha256:
        return Sdist(cached, sha256)
    index, certificate = _index()
    trusted = ssl.create_default_context(cafile=certificate) if certificate else True
    with httpx.Client(timeout=60.0, follow_redirects=True, verify=trusted) as client:
        url, named = _find(client, index, name, version)
        expected = sha256 or named
        if cached.is_file() and _hash(cached) == expected:
            return Sdist(cached, expected)
        shelf.mkdir(parents=True, exist_ok=True)
        _download(client, url, expected, cached)
    return Sdist(cached, expected)


def unpack(sdist: Sdist, destination: Path) -> None:
    """Unpack an sdist's single top folder as the new folder ``destination``, without built copies of its code.

    Links that lead out of the tree, devices and absolute names are refused. Raises SdistError.
    """
    with tempfile.TemporaryDirectory(dir=destination.parent) as temporary:
        try:
            with tarfile.open(sdist.path) as archive:
                if sum(member.size for member in archive) > MAX_UNPACKED:
                    raise SdistError(
                        f"{sdist.path.name} unpacks to over {MAX_UNPACKED >> 20} MiB: choose a smaller one"
                    )
                extract(archive, Path(temporary))
        except (tarfile.TarError, OSError) as error:
            raise SdistError(f"{sdist.path.name} cannot be unpacked: {error}") from error
        tops = list(Path(temporary).iterdir())
        if len(tops) != 1 or not tops[0].is_dir():
            raise SdistError(f"{sdist.path.name} is not a source distribution: it needs one top folder")
        tops[0].rename(destination)
    _remove_built_code(destination)


def normalised(name: str) -> str:
    """Return a distribution name in its normal form (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _remove_built_code(tree: Path) -> None:
    for name in _STALE:
        shutil.rmtree(tree / name, ignore_errors=True)
    for path in sorted(tree.rglob("*"), reverse=True):
        if path.name == "__pycache__" and path.is_dir():
            shutil.rmtree(path)
        elif path.suffix in (".pyc", ".pyo", ".whl", ".egg") and path.is_file():
            path.unlink()


def _find(client: httpx.Client, index: str, name: str, version: str) -> tuple[str, str]:
    """Return the address and the SHA-256 of a release's sdist, by the index's JSON API (PEP 691)."""
    page = f"{index.rstrip('/')}/{normalised(name)}/"
    try:
        answer = client.get(page, headers={"Accept": _SIMPLE_JSON})
        answer.raise_for_status()
        files = answer.json()["files"]
    except (httpx.HTTPError, ValueError, KeyError) as error:
        reason = str(error).partition("\n")[0]
        raise SdistError(f"the index has no readable page for {name} ({reason}): check pip config list") from error
    wanted = {f"{normalised(name)}-{version}.tar.gz"}
    for file in files:
        stem, _, rest = file["filename"].rpartition("-")
        if f"{normalised(stem)}-{rest}" in wanted and "sha256" in file.get("hashes", {}):
            return urljoin(str(answer.url), file["url"]), file["hashes"]["sha256"]
    raise SdistError(f"{name}=={version} has no source distribution (.tar.gz) on the index: choose another version")


def _download(client: httpx.Client, url: str, sha256: str, goal: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=goal.parent, prefix=".download-", delete=False) as file:
        staged = Path(file.name)
        try:
            with client.stream("GET", url) as answer:
                answer.raise_for_status()
                for chunk in answer.iter_bytes():
                    file.write(chunk)
                    if file.tell() > MAX_BYTES:
                        raise SdistError(f"{goal.name} is larger than {MAX_BYTES >> 20} MiB: choose a smaller package")
            file.flush()
            os.fsync(file.fileno())
            if _hash(staged) != sha256:
                raise SdistError(f"{goal.name} does not have the expected SHA-256 {sha256[:12]}...: nothing was kept")
            staged.rename(goal)
        except httpx.HTTPError as error:
            raise SdistError(f"{goal.name} could not be downloaded ({error}): try again") from error
        finally:
            staged.unlink(missing_ok=True)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _index() -> tuple[str, str | None]:
    """Return the address and the certificate file of the index that pip uses: its settings, else its default."""
    settings = _pip("config", "list").splitlines()
    url = _setting(settings, "index-url")
    if url is None:
        found = re.search(r"--index-url <url>.*?\(default (\S+?)\)", " ".join(_pip("download", "--help").split()))
        if found is None:
            raise SdistError("pip names no package index: set one with pip config set global.index-url URL")
        url = found[1]
    return url, _setting(settings, "cert")


def _setting(lines: list[str], name: str) -> str | None:
    """Return one of pip's settings; an environment variable outranks the files, as in pip."""
    found: dict[str, str] = {}
    for line in lines:
        key, _, value = line.partition("=")
        section, _, option = key.rpartition(".")
        if option == name:
            found[section] = value.strip("'\"")
    return found.get(":env:") or found.get("download") or found.get("install") or found.get("global")


def _pip(*arguments: str) -> str:
    pip = host_python("-m", "pip", *arguments, variables={"COLUMNS": "500"})
    done = subprocess.run(
        pip.command,
        env=pip.environment,
        cwd=pip.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 0:
        raise SdistError(f"pip {arguments[0]} failed: install pip beside Runoff (python -m ensurepip)")
    return done.stdout
