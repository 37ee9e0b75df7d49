"""What phase one hands to phase two: a decision, its patches, its evidence and its texts, in one folder.

The wall between the two phases is here. Phase two believes nothing of an artifact that is not checked: its sizes, its
schema and its files here, its paths, texts and secrets in ``publish/``.

    ARTIFACT/artifact.json   everything but the patches
    ARTIFACT/fix.patch       the source change; absent where there is none
    ARTIFACT/test.patch      the reproduction as a file of the suite; absent where there is none
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt, ValidationError, model_validator
from pydantic_core import from_json

from environments.text import one_line
from environments.trees.beneath import OutsideError, read_beneath
from github_bot.errors import ArtifactError
from selection.decision import Confidence
from swebench_runs.config.key_kinds import Frozen
from swebench_runs.run_folder.files import write_whole

SCHEMA: Literal[1] = 1
JSON, FIX, TEST = "artifact.json", "fix.patch", "test.patch"
MAX_JSON = 512_000
"""Bytes of ``artifact.json``."""
MAX_PATCH = 256_000
"""Bytes of a patch."""
MAX_TEXT = 60_000
"""Characters of a text that is posted; GitHub takes 65,536."""

Outcome = Literal["draft_pull_request", "comment", "question", "abstention", "failure"]
Kind = Literal["label", "assignment", "command", "review", "checks"]
Line = Annotated[str, Field(max_length=500, pattern=r"^[^\r\n]*$")]
Text = Annotated[str, Field(max_length=MAX_TEXT)]
Repository = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$")]
Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]
Branch = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$")]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,149}$")]


class Trigger(Frozen):
    """What started the work: enough to know it again when GitHub delivers it twice."""

    kind: Kind
    id: Identifier
    """The same for every delivery of one event: ``command-<comment's id>``, ``label-<issue>-<time>``, ..."""
    actor: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\[bot\])?$")]
    """The login of who triggered it; a person's permission was asked by API. Checks are a bot's."""

    @model_validator(mode="after")
    def _by_a_person(self) -> Self:
        """No bot starts the work; that its own checks are red is told by one."""
        if self.actor.endswith("[bot]") and self.kind != "checks":
            raise ValueError(f"a {self.kind} by a bot starts nothing")
        return self


class Evidence(Frozen):
    """What a patch rests on, in lines that the pull request shows. Empty: not known, and said so."""

    reproduction_before: Line = ""
    """What the reproduction did on the base commit."""
    reproduction_after: Line = ""
    """What it did with the patch."""
    regression: Line = ""
    """What the existing tests did with the patch."""
    votes: Line = ""
    """How many tests and trajectories speak for the patch."""
    reason: Line = ""
    """Why this patch, or why none: the decision's own sentence."""
    tried: Line = ""
    """What was tried."""
    not_checked: Annotated[tuple[Line, ...], Field(max_length=20)] = ()


class Spending(Frozen):
    """What the work took."""

    cost: Annotated[NonNegativeFloat, Field(allow_inf_nan=False)] | None = None
    """US dollars; None where a price is unknown."""
    tokens: NonNegativeInt = 0
    seconds: NonNegativeFloat = 0.0
    trajectories: NonNegativeInt = 0


class Artifact(Frozen):
    """All that phase two gets."""

    schema_version: Literal[1] = SCHEMA
    repository: Repository
    issue: PositiveInt
    pull_request: PositiveInt | None = None
    """The bot's own pull request that a later round goes on with; None in the first round."""
    round: Annotated[int, Field(ge=0, le=100)] = 0
    issue_digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Of the issue's text as phase one read it (see ``issue_digest``): phase two refuses an issue that has changed."""
    trigger: Trigger
    run_id: Identifier
    base_branch: Branch
    base_commit: Commit
    """What the patches apply to; in a later round the head of the pull request's branch."""
    branch: Annotated[str, Field(pattern=r"^runoff/issue-[0-9]{1,12}$")]
    outcome: Outcome
    title: Annotated[Line, Field(max_length=200)] = ""
    """Of the pull request, and the subject of the first commit."""
    body: Text = ""
    """Of the pull request, as Markdown."""
    comment: Text
    """The end of the bot's one comment on the issue, as Markdown."""
    evidence: Evidence = Evidence()
    confidence: Confidence = "none"
    spending: Spending = Spending()
    patch: Annotated[bytes, Field(max_length=MAX_PATCH, exclude=True)] = b""
    test_patch: Annotated[bytes, Field(max_length=MAX_PATCH, exclude=True)] = b""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.branch != branch_of(self.issue):
            raise ValueError(f"branch {self.branch!r} is not that of issue {self.issue}")
        if self.outcome == "draft_pull_request" and not (self.patch and self.title and self.body):
            raise ValueError("a pull request needs a patch, a title and a body")
        if self.outcome in ("question", "abstention", "failure") and self.patch:
            raise ValueError(f"outcome {self.outcome!r} carries no patch")
        return self


def issue_digest(title: str, body: str) -> str:
    """Return a hash of an issue's text, as GitHub has it."""
    return sha256(f"{title}\0{body}".encode("utf-8", "surrogatepass")).hexdigest()


def branch_of(issue: int) -> str:
    """Return the name of the one branch that the bot has for an issue."""
    return f"runoff/issue-{issue}"


def write_artifact(artifact: Artifact, folder: Path) -> None:
    """Write an artifact into a folder that is empty or holds an earlier one; the JSON file comes last."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / JSON).unlink(missing_ok=True)
    for name, content in ((FIX, artifact.patch), (TEST, artifact.test_patch)):
        (folder / name).unlink(missing_ok=True)
        if content:
            write_whole(folder / name, content)
    write_whole(folder / JSON, artifact.model_dump_json(indent=2).encode())


def read_artifact(folder: Path) -> Artifact:
    """Return what a folder holds. ArtifactError, in one line, for anything but an artifact's regular files."""
    try:
        names = sorted(path.name for path in folder.iterdir())
        if strange := [name for name in names if name not in (JSON, FIX, TEST)]:
            raise ArtifactError(f"the artifact holds {strange[0]!r}, which is no part of one: nothing is published")
        text = read_beneath(folder, JSON, at_most=MAX_JSON)
        patches = [read_beneath(folder, name, at_most=MAX_PATCH) if name in names else b"" for name in (FIX, TEST)]
    except (OSError, OutsideError) as error:
        raise ArtifactError(f"the artifact cannot be read ({error}): nothing is published") from None
    return _parsed(text, *patches)


def _parsed(text: bytes, patch: bytes, test_patch: bytes) -> Artifact:
    try:
        values = from_json(text, allow_inf_nan=False)
        if not isinstance(values, dict) or not {"patch", "test_patch"}.isdisjoint(values):
            raise ValueError(f"{JSON} must hold an artifact's keys alone")
        return Artifact.model_validate({**values, "patch": patch, "test_patch": test_patch})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        said = f"{'.'.join(map(str, first['loc'])) or 'the whole'}: {first['msg']}"
    except ValueError as error:
        said = str(error)
    raise ArtifactError(f"the artifact is not valid ({one_line(said, 300)}): nothing is published")
