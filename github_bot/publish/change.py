"""An artifact's patches as the files that they make, over what GitHub has at the base commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.patch import PatchError, Section, apply_patch, sections
from github_bot.artifact import Artifact
from github_bot.errors import ArtifactError
from github_bot.github.contract import Reader


@dataclass(frozen=True)
class Step:
    """One commit: every file that differs from the base after it, and its message."""

    files: Mapping[str, bytes | None]
    executable: frozenset[str]
    message: str


def read_patch(patch: bytes, name: str) -> tuple[Section, ...]:
    """Return the files of a patch; ArtifactError where it cannot be read."""
    try:
        return sections(patch.decode("utf-8", "surrogateescape"))
    except PatchError as error:
        raise ArtifactError(f"{name} cannot be read ({error}): nothing is published") from None


def steps(artifact: Artifact, reader: Reader) -> tuple[Step, ...]:
    """Return the commits of an artifact, each with all that differs from the base; ArtifactError where none applies."""
    said = f"\n\nRunoff-Run: {artifact.run_id}"
    fix = _applied(artifact.patch, "fix.patch", artifact, reader, {})
    runnable = _executable(read_patch(artifact.patch, "fix.patch"))
    made = [Step(fix, runnable, f"{artifact.title} (#{artifact.issue}){said}")]
    if artifact.test_patch:
        test = _applied(artifact.test_patch, "test.patch", artifact, reader, fix)
        runnable |= _executable(read_patch(artifact.test_patch, "test.patch"))
        made.append(Step({**fix, **test}, runnable, f"Test for #{artifact.issue}{said}"))
    return tuple(made)


def _applied(
    patch: bytes, name: str, artifact: Artifact, reader: Reader, done: Mapping[str, bytes | None]
) -> Mapping[str, bytes | None]:
    def read_base(path: str) -> bytes:
        content = done[path] if path in done else reader.file(artifact.repository, path, artifact.base_commit)
        if content is None:
            raise FileNotFoundError(path)
        return content

    try:
        before, after = apply_patch(patch.decode("utf-8", "surrogateescape"), read_base)
    except PatchError as error:
        raise ArtifactError(
            f"{name} does not fit {artifact.base_commit[:12]} ({error}): nothing is published"
        ) from None
    changed = {path: content for path, content in after.items() if content != before[path]}
    if not changed:
        raise ArtifactError(f"{name} changes nothing: nothing is published")
    return changed


def _executable(found: Sequence[Section]) -> frozenset[str]:
    return frozenset(section.path for section in found if section.is_new and section.parsed.target_mode == "100755")
