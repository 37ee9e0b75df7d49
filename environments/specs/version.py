"""The version of a row that has none, read from the files of its base commit: parsed, never run.

The rows' versions come from three places, and so do these: a file that says its own version; release notes, where the
package asks its tags, which a tree does not have; and the table, as the rows call some versions by an older one's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from environments.errors import RepositoryError
from environments.specs.table import known_versions, version_key

Read = Callable[[str], bytes | None]
"""A path relative to the tree's root -> the file's bytes, or None where there is no such file."""
Certainty = Literal["stated", "derived", "nearest"]
"""stated: a file of the code says so. derived: release notes tell, so a version under development may be off by one.
nearest: the table has no such version; the nearest older one, else the oldest, stands in."""

_LONGEST = 2 << 20
"""Bytes of a file that are looked at; release notes have their newest first."""
_ASSIGNED = re.compile(r"^__version__(?: *: *[\w.]{1,20})? *= *[\"']([\w.+-]{1,60})[\"']", re.MULTILINE)
_TUPLE = re.compile(r"^(?:VERSION|numversion) *= *\( *([0-9]{1,4} *, *[0-9]{1,4})", re.MULTILINE)
_SETUP_PY = re.compile(r"^VERSION *= *[\"']([\w.+-]{1,60})[\"']", re.MULTILINE)
_SETTING = re.compile(r"^version *= *[\"']?([0-9][\w.+-]{0,60})", re.MULTILINE)
_RELEASE = re.compile(r"^(?:pytest |Version )?v?([0-9]{1,4}\.[0-9]{1,3}[\w.]{0,20}) \(([^)\n]{1,60})\)", re.MULTILINE)
_MENTION = re.compile(r"^ *\.\. (?:versionadded|versionchanged|deprecated):: ([0-9]{1,2}\.[0-9]{1,2})", re.MULTILINE)
_PRERELEASE = re.compile(r"[0-9](?:a|b|rc|\.dev)[0-9]")
_NUMBERS = re.compile(r"v?([0-9]+) *[.,] *([0-9]+)")

_CODE: dict[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    "astropy/astropy": (("setup.cfg", _SETTING), ("setup.py", _SETUP_PY)),
    "django/django": (("django/__init__.py", _TUPLE),),
    "mwaskom/seaborn": (("seaborn/__init__.py", _ASSIGNED),),
    "pallets/flask": (
        ("src/flask/__init__.py", _ASSIGNED),
        ("flask/__init__.py", _ASSIGNED),
        ("pyproject.toml", _SETTING),
    ),
    "psf/requests": (
        ("src/requests/__version__.py", _ASSIGNED),
        ("requests/__version__.py", _ASSIGNED),
        ("requests/__init__.py", _ASSIGNED),
    ),
    "pylint-dev/pylint": (("pylint/__pkginfo__.py", _ASSIGNED), ("pylint/__pkginfo__.py", _TUPLE)),
    "scikit-learn/scikit-learn": (("sklearn/__init__.py", _ASSIGNED),),
    "sphinx-doc/sphinx": (("sphinx/__init__.py", _ASSIGNED),),
    "sympy/sympy": (("sympy/release.py", _ASSIGNED), ("sympy/__init__.py", _ASSIGNED)),
}
"""Where a repository's code says its version, best place first."""

_NOTES = {
    "astropy/astropy": ("CHANGES.rst",),
    "pydata/xarray": ("doc/whats-new.rst",),
    "pytest-dev/pytest": ("doc/en/changelog.rst", "CHANGELOG.rst"),
}
"""Release notes of those that take their version from their tags."""

_PYTEST_DOCUMENTATION = ("doc/en/deprecations.rst", "doc/en/reference/reference.rst", "doc/en/reference.rst")
_MATPLOTLIB_NOTES = "doc/users/prev_whats_new/whats_new_{}.rst"


class VersionError(RepositoryError):
    """The tree does not say its version. One clear line that says what to do."""


@dataclass(frozen=True)
class Inferred:
    """A version that no row has said."""

    version: str
    """``major.minor`` as the rows write it, one of ``known_versions``."""
    source: str
    """The file that told."""
    stated: str
    """What it said."""
    certainty: Certainty


@dataclass(frozen=True)
class _Found:
    source: str
    stated: str
    certainty: Certainty
    means: str
    """The version that it stands for; for one under development, the next release's."""


def infer_version(repo: str, read: Read) -> Inferred:
    """Infer the version of a tree of ``repo`` (``owner/name``) from its files.

    Raises VersionError when no file tells, or nothing is known of the repository.
    """
    for found in _candidates(repo, read):
        numbers = _NUMBERS.match(found.means)
        if numbers:
            version, exact = _fitted(repo, f"{numbers[1]}.{numbers[2]}")
            return Inferred(version, found.source, found.stated, found.certainty if exact else "nearest")
    places = ", ".join(dict.fromkeys([*(path for path, _ in _CODE.get(repo, ())), *_NOTES.get(repo, ())]))
    looked = f"none of {places} tells" if places else "no place is known where it would be"
    raise VersionError(f"cannot tell the version of {repo[:100]!r}: {looked}; write it into the row as `version`")


def _candidates(repo: str, read: Read) -> Iterator[_Found]:
    if not known_versions(repo):
        return
    for path, pattern in _CODE.get(repo, ()):
        if said := pattern.search(_without_docstrings(_text(read, path))):
            yield _Found(path, said[1], "stated", said[1])
    if repo == "matplotlib/matplotlib":
        yield from _by_old_notes(repo, read)
    for path in _NOTES.get(repo, ()):
        if released := _released(_text(read, path)):
            means = _pytest_under_development(released, read) if repo == "pytest-dev/pytest" else released
            yield _Found(path, released, "derived", means)


def _fitted(repo: str, version: str) -> tuple[str, bool]:
    """Return the table's version that stands for one, in the table's spelling, and whether it is that very one."""
    known = known_versions(repo)
    older = [name for name in known if version_key(name) <= version_key(version)]
    best = older[-1] if older else known[0]
    return best, version_key(best) == version_key(version)


def _text(read: Read, path: str) -> str:
    return (read(path) or b"")[:_LONGEST].decode(errors="replace").replace("\r\n", "\n")


def _without_docstrings(text: str) -> str:
    """Take out what stands between triple quotes: examples there may assign versions too."""
    return "".join(text.split('"""')[::2])


def _released(text: str) -> str | None:
    """Return the newest release that release notes tell of, or the one to come where none is out."""
    headings = [(found[1], found[2]) for found in _RELEASE.finditer(text)]
    out = [version for version, date in headings if "unreleased" not in date.lower()]
    return next(iter([*out, *(version for version, _ in headings)]), None)


def _pytest_under_development(released: str, read: Read) -> str:
    """Return the version that pytest's main branch calls itself, when ``released`` heads its release notes.

    Since 6.0 that is the next minor release, and where that one became a major release, the documentation of what is
    new names it. Before 6.0, and for a release candidate, it is the release itself.
    """
    numbers = version_key(released)[:2]
    if numbers < (6, 0) or _PRERELEASE.search(released):
        return released
    mentions = (found[1] for path in _PYTEST_DOCUMENTATION for found in _MENTION.finditer(_text(read, path)))
    later = [version for version in mentions if numbers < version_key(version) <= (numbers[0] + 1, 0)]
    return max(later, key=version_key, default=f"{numbers[0]}.{numbers[1] + 1}")


def _by_old_notes(repo: str, read: Read) -> Iterator[_Found]:
    """Tell Matplotlib's version by the last release whose notes have been laid aside."""
    for version in reversed(known_versions(repo)):
        for name in (f"{version}.0", version):
            path = _MATPLOTLIB_NOTES.format(name)
            if read(path) is not None:
                yield _Found(path, version, "derived", version)
                return
