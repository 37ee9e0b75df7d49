"""What one source of a checkout declares, before it is chosen what the tests get."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

TEST_NAMES = ("test", "tests", "testing", "unit", "unittest", "unittests", "pytest", "test-dev", "hatch-test")
DEV_NAMES = ("dev", "develop", "development", "dev-dependencies", "ci", "default")
"""How projects call their extras, groups and environments that tests need; the second where the first lack pytest."""


@dataclass(frozen=True)
class Declared:
    """Lines of requirements by one source, as written there but in pip's form."""

    where: str
    """The file, for messages."""
    name: str = ""
    """The project's own, by which its own extras are found."""
    lines: tuple[str, ...] = ()
    extras: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Lines by extra, group or environment."""
    python: str = ""
    """Which Pythons are allowed, a version specifier."""
    notes: tuple[str, ...] = ()
    """What is left out or not known, a line each."""
    roots: tuple[str, ...] = ()
    """Folders that its packages lie in."""

    def test_lines(self) -> tuple[str, ...]:
        """Return what its tests need beside what it needs itself: test extras, then those for development."""
        found = self._named(TEST_NAMES)
        if not any(line.lower().startswith("pytest") for line in found):
            found += self._named(DEV_NAMES)
        return tuple(dict.fromkeys(found))

    def _named(self, names: Iterable[str]) -> list[str]:
        by_name: dict[str, list[str]] = {}
        for extra, lines in self.extras.items():
            by_name.setdefault(canonicalize_name(extra), []).extend(lines)
        return [line for name in names for line in by_name.get(name, ())]
