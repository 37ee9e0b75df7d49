"""A tree that came with its history, as in an image, made one commit with nothing beyond it, inside the sandbox."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Protocol

from environments.sandboxes.contract import WORKTREE, Result, SandboxError
from environments.sandboxes.fresh_git import CONFIG, IDENTITY, MESSAGE, RAW_BYTES

_SECONDS = 900.0
_HEAD = re.compile(r"[0-9a-f]{40}")

# The old repository is asked for one thing, the names in its index, by a git that works in the fresh one: no setting
# or hook of the old one counts. Then it goes, and whatever it borrowed objects from, before anything is added.
_SCRUB = r"""
set -eu
cd -- "$1"
fail() { echo "$1" >&2; exit 1; }

{ test -e .git || test -L .git; } || fail "it holds no git repository"
old=$(readlink -f .git)
if test -f "$old"; then
    old=$(readlink -f "$(sed -n 's/^gitdir: //p' "$old" | head -n 1)") || old=/nowhere
fi
test -d "$old/objects" && test -f "$old/index" || fail "its .git leads to no repository with an index"
test ! -e "$old/commondir" || fail "it is a linked work tree: the image must hold the repository itself"
case "$1/" in "${old%/}"/*) fail "its .git leads to a folder around it" ;; esac

fresh=${GIT_DIR%/git}
mkdir -m 700 "$fresh"
mkdir -p "$GIT_DIR/objects" "$GIT_DIR/refs/heads" "$GIT_DIR/info"
echo "ref: refs/heads/main" > "$GIT_DIR/HEAD"
printf %s "$2" > "$GIT_DIR/config"
printf %s "$3" > "$GIT_DIR/info/attributes"

for part in "$old"/sharedindex.*; do  # a git before 2.37 looks for it beside its own configuration alone
    test ! -f "$part" || cp -- "$part" "$GIT_DIR"
done
GIT_INDEX_FILE=$old/index GIT_OBJECT_DIRECTORY=$old/objects git ls-files -z > "$fresh/names"
GIT_OBJECT_DIRECTORY=$old/objects git count-objects -v > "$fresh/stores"
find . -name .git -prune -o \( -type f -o -type l \) -print0 | sed -z 's,^\./,,' | sort -z > "$fresh/present"
sort -zu "$fresh/names" | comm -z -12 - "$fresh/present" > "$fresh/tracked"
rm -f "$GIT_DIR"/sharedindex.*

for pointer in "$old"/worktrees/*/gitdir; do
    test -f "$pointer" || continue
    other=$(dirname -- "$(cat -- "$pointer")")
    if grep -qsF "gitdir: $old/worktrees/" "$other/.git"; then rm -rf -- "$other"; fi
done
sed -n 's/^alternate: //p' "$fresh/stores" | while IFS= read -r store; do
    case "$store" in \"*) fail "it borrows objects from $store" ;; esac
    rm -rf -- "$store/pack" "$store/info" "$store"/[0-9a-f][0-9a-f]
done
find . -name .git -prune -exec rm -rf -- {} +
rm -rf -- "$old"

git update-index -z --add --stdin < "$fresh/tracked"
git add -A .
head=$(git commit-tree "$(git write-tree)" -m "$4")
git update-ref refs/heads/main "$head"
mv -- "$GIT_DIR" .git
rm -rf -- "$fresh"
echo "$head"
"""


class Commands(Protocol):
    """What scrubbing needs of a sandbox, or of what stands in for one."""

    def run(self, command: Sequence[str], *, timeout: float, cwd: str, env: Mapping[str, str]) -> Result:
        """Run one command; see ``Sandbox.run``."""
        ...


def scrub(sandbox: Commands) -> str:
    """Make the tree's state its only commit, and return that commit's id, for ``head`` of the sandboxes to come.

    In the commit is what the old repository tracked, as it lies there now, and every file that is not ignored; ignored
    files stay on disk. Submodules' files become plain files. Gone are the old repository wherever it lies, those of
    submodules, the stores it borrowed objects from, and its linked work trees. The id depends on the files alone, and
    scrubbing again changes nothing.

    The sandbox must run as the owner of the tree (an image's own user, often root), and is of no use after an error.
    What its own layers below hold is out of its reach: freeze the result, and begin later sandboxes from that.

    Raises:
        SandboxError: the tree cannot be scrubbed.
    """
    fresh = f"/tmp/runoff-{secrets.token_hex(8)}"
    words = ["/bin/sh", "-c", _SCRUB, "sh", WORKTREE, CONFIG, RAW_BYTES, MESSAGE]
    result = sandbox.run(words, timeout=_SECONDS, cwd="/", env=_environment(fresh))
    lines = result.text.strip().splitlines() or [f"exit code {result.exit_code}"]
    if result.exit_code != 0 or not _HEAD.fullmatch(lines[-1]):
        raise SandboxError(f"cannot scrub {WORKTREE}: {result.killed or lines[-1]}")
    return lines[-1]


def _environment(fresh: str) -> dict[str, str]:
    return {
        **IDENTITY,
        "GIT_DIR": f"{fresh}/git",
        "GIT_WORK_TREE": WORKTREE,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        # An older git knows no GIT_CONFIG_GLOBAL: it must find no home either.
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "HOME": fresh,
        "XDG_CONFIG_HOME": fresh,
        "LC_ALL": "C",
    }
