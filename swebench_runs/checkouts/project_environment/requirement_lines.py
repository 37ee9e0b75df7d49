"""Lines of requirements in pip's form: which name a package of the index, and what becomes of all others.

A line that would make pip read something else than a package of the index (an option, a path, a URL, a repository)
is never handed to pip. A project's own entry (``-e .``, ``name[extra]``) stands for its extras.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from swebench_runs.checkouts.project_environment.declared import Declared
from swebench_runs.errors import UsageError

OWN_FILE = "runoff.yaml"
"""A repository says with it, under ``environment``, what Runoff cannot read from the other files."""
ADVICE = f"list what the tests need under environment.packages in {OWN_FILE}"

MOST_LINE = 10_000
"""Characters of a line without its hashes."""
MOST_LINES = 5_000
"""Requirements in all; the largest lists of applications have some hundreds."""
_OWN = re.compile(r"(?:(?:-e|--editable)[ =]?\s*)?(?:file:)?\.(?:/)?(?:\[(?P<extras>[\w\s,.-]*)\])?(?:\s*;.*)?")
_HARMLESS = re.compile(
    r"--(?:pre|prefer-binary|only-binary|no-binary|require-hashes|use-feature|trusted-host|no-deps)\b.*"
    r"|(?:-i|--index-url)[ =]\s*https://pypi\.org/simple/?"
)
"""Options that change nothing for wheels of the index."""
_MORE_PLACES = re.compile(r"(?:--extra-index-url|-f|--find-links)\b.*")
"""Options that name further places to look in: what the index lacks shows when it is installed."""


@dataclass
class Requirements:
    """What lines come to."""

    found: list[Requirement] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """A line for each that was left out and may be missed."""
    stops: list[str] = field(default_factory=list)
    """Those of them that the project itself needs. Without what its tests alone need other tests still run."""

    def packages(self) -> list[str]:
        """Return what pip is asked for."""
        return list(dict.fromkeys(str(requirement) for requirement in self.found))


def requirements_of(declared: Declared) -> Requirements:
    """Read what a source declares for its tests: its own lines, its test extras', and the extras they name."""
    result = Requirements()
    extras = {canonicalize_name(name): lines for name, lines in declared.extras.items()}
    waiting = [(line, True) for line in meaningful(declared.lines)]
    waiting += [(line, False) for line in meaningful(declared.test_lines())]
    seen = set[str]()
    while waiting:
        assert_few(len(waiting) + len(result.found), declared.where)
        line, needed = waiting.pop(0)
        if (own := _OWN.fullmatch(line)) is not None:
            named = {canonicalize_name(name) for name in (own["extras"] or "").split(",") if name.strip()}
        elif _HARMLESS.fullmatch(line):
            continue
        else:
            try:
                requirement = requirement_of(line, declared.where)
            except UsageError as error:
                result.refused.append(str(error))
                result.stops += [str(error)] if needed and not _MORE_PLACES.fullmatch(line) else []
                continue
            if not declared.name or canonicalize_name(requirement.name) != canonicalize_name(declared.name):
                result.found.append(requirement)
                continue
            named = {canonicalize_name(extra) for extra in requirement.extras}
        for extra in sorted(named - seen):
            seen.add(extra)
            waiting += [(inner, needed) for inner in meaningful(extras.get(extra, ()))]
    return result


def requirement_of(line: str, where: str) -> Requirement:
    """Read one line. UsageError, naming the file and what to do, for what names no package of the index."""
    line = without_hashes(line)
    shown = line[:200]
    if len(line) > MOST_LINE:
        raise UsageError(f"{where}: {shown!r} goes on for {len(line)} characters: {ADVICE}")
    if line.startswith("-"):
        raise UsageError(f"{where}: {shown!r} is an option for pip, which is refused: {ADVICE}")
    try:
        requirement = parsed(line)
    except InvalidRequirement:
        raise UsageError(f"{where}: {shown!r} does not name a package of the index: {ADVICE}") from None
    if requirement.url:
        raise UsageError(f"{where}: {shown!r} comes from a URL, which is refused: {ADVICE}")
    return requirement


def parsed(line: str) -> Requirement:
    """Return what a line asks for; InvalidRequirement for all that packaging cannot read, or takes too long for."""
    if len(line) > MOST_LINE:
        raise InvalidRequirement("it is too long")
    try:
        return Requirement(line)
    except InvalidRequirement:
        raise
    except (ValueError, RecursionError) as error:  # what its parser does not foresee: numbers without end, depth
        raise InvalidRequirement(str(error)) from None


def assert_few(lines: int, where: str) -> None:
    """Raise UsageError for more requirements than any project has."""
    if lines > MOST_LINES:
        raise UsageError(f"{where} asks for over {MOST_LINES:,} packages: {ADVICE}")


def without_hashes(line: str) -> str:
    """Return a line without the hashes at its end, its blanks as single ones."""
    words = line.split()
    while words and (words[-1].startswith("--hash=") or words[-2:-1] == ["--hash"]):
        del words[-1 if words[-1].startswith("--hash=") else -2 :]
    return " ".join(words)


def meaningful(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines without comments, continued lines as one."""
    pending = ""
    for line in lines:
        text = re.sub(r"(^|\s)#.*", "", line).strip()
        if text.endswith("\\"):
            pending += text[:-1].strip() + " "
            continue
        text, pending = (pending + text).strip(), ""
        if text:
            yield text
    if pending.strip():
        yield pending.strip()
