"""How the official harness applies a patch, so that what applies here applies there.

The harness tries one command after the other and takes the first that ends well, however little it may have applied.
What each version tries, and what it does in between, is data here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from environments.sandboxes.contract import Result, Sandbox, SandboxError
from environments.sandboxes.fresh_git import TRUST

PATCH_FILE = "/tmp/patch.diff"
_SECONDS = 300.0
_NO_SUCH_PROGRAM = (126, 127)
"""Exit codes for a program that is not there, of a shell and of a Docker engine."""
_REJECTS = "':!*.rej' ':!*.orig'"
_STATE = (
    f"{{ git status --porcelain -z --untracked-files=all -- . {_REJECTS}; git diff HEAD -- . {_REJECTS}; }}"
    " | git hash-object --stdin"
)

Version = Literal["4", "5"]


@dataclass(frozen=True)
class Chain:
    """What a version of the harness tries."""

    commands: tuple[str, ...]
    """Each gets the patch's file as its last word."""
    reset: str | None = None
    """Run before every further command, to take back what the one before left."""
    already: str | None = None
    """Asked when no command ended well: if this does, the patch counts as applied."""


CHAINS: Mapping[Version, Chain] = {
    "4": Chain(("git apply --verbose", "git apply --verbose --reject", "patch --batch --fuzz=5 -p1 -i")),
    "5": Chain(
        (
            "git apply --verbose",
            "git apply --verbose --3way",
            "git apply --verbose --reject",
            "patch --batch --forward --fuzz=5 -p1 -i",
        ),
        reset="git checkout -- . ; git clean -fd",
        already="git apply --check --reverse",
    ),
}
"""Of swebench 4.1.0 and 5.0.2."""


@dataclass(frozen=True)
class Applied:
    """What came of a patch."""

    command: str | None
    """The command that took it, as the chain has it; None where the harness says that it cannot be applied."""
    output: str
    """What that command said; what all of them said where none took it."""
    partial: bool
    """A command that failed left changes in the tree, and they are still there, rejects (``.rej``, ``.orig``) apart."""
    missing: tuple[str, ...] = ()
    """Programs that the sandbox lacks and that were asked for: the harness's images have them."""


def apply_as_harness(sandbox: Sandbox, patch: str, *, version: Version = "5") -> Applied:
    """Apply a patch to a sandbox's tree as the harness would; the tree is left as the harness would leave it.

    ``sandbox`` is a clean one, its tree at the base commit: version 5 throws uncommitted changes away between tries.
    The patch is left in ``PATCH_FILE``, outside of the tree. ``--3way`` finds only the blobs of that one commit, where
    the harness's image may have those of earlier ones too.

    Raises:
        SandboxError: the sandbox's limits stopped a command, so that nothing is known of the patch.
    """
    if not patch:
        return Applied(None, "the harness does not evaluate an empty patch", partial=False)
    try:
        content = patch.encode()
    except UnicodeEncodeError:
        return Applied(None, "the harness cannot write the patch to a file: it is not UTF-8", partial=False)
    sandbox.write(PATCH_FILE, content)
    return _try_all(sandbox, CHAINS[version])


def _try_all(sandbox: Sandbox, chain: Chain) -> Applied:
    said, missing, clean, partial = list[str](), list[str](), "", False
    for number, command in enumerate(chain.commands):
        if number and chain.reset:
            _run(sandbox, chain.reset)
        # The first command changes everything or nothing, so the tree before the second one is the clean one.
        if number == 1:
            clean = _state(sandbox)
        elif number > 1:
            partial = _state(sandbox) != clean
        result = _run(sandbox, [*command.split(), PATCH_FILE])
        if result.exit_code == 0:
            return Applied(command, result.text, partial, tuple(missing))
        program = command.split()[0]
        if result.exit_code in _NO_SUCH_PROGRAM and program not in missing:
            missing.append(program)
        said.append(f"{command}: {result.text.strip()}")
    partial = _state(sandbox) != clean
    if chain.already:
        result = _run(sandbox, [*chain.already.split(), PATCH_FILE])
        if result.exit_code == 0:
            return Applied(chain.already, result.text, partial, tuple(missing))
    return Applied(None, "\n".join(said), partial, tuple(missing))


def _state(sandbox: Sandbox) -> str:
    """Return a hash of what the tree differs by from its commit."""
    return _run(sandbox, _STATE).text


def _run(sandbox: Sandbox, command: str | list[str]) -> Result:
    # The harness is root there, and the owner of the tree.
    result = sandbox.run(command, timeout=_SECONDS, env=TRUST)
    if result.killed:
        words = command if isinstance(command, str) else " ".join(command)
        raise SandboxError(f"the sandbox's limits stopped {words} ({result.killed}): raise them and try again")
    return result
