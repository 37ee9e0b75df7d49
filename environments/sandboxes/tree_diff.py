"""The tree's diff, made by git inside the sandbox, with nothing that a command may have put into the repository.

A repository's own configuration can run programs (``core.fsmonitor``, ``diff.external``, filters) and its index can
hide changes. So git works here in a fresh repository with a fresh index; only the objects are the tree's own, read
from its repository as it was before any command. What git writes goes into a layer that is thrown away.
"""

from __future__ import annotations

import re
import secrets
import signal
from collections.abc import Callable

from environments.sandboxes.contract import WORKTREE, TreeLost
from environments.sandboxes.fresh_git import RAW_BYTES

REPOSITORY = "/runoff/git"
"""In the sandbox: where the tree's repository lies as it was before any command."""
Run = Callable[[list[str], dict[str, str]], tuple[int, bytes]]
"""Runs an argument vector with variables in one throw-away layer: exit code and whole output."""

LARGEST_ANSWER = 128 << 20
"""Bytes: what a command may have left in a tree is much more than any patch."""
LONGEST = 30
"""Processor seconds of one program of git's: to read what a command may have left (files of 18 GB that take no disk,
being holes) can take hours. No patch comes near."""
_CPU_LIMIT_CODE = 128 + signal.SIGXCPU
_DIFF = "diff --cached --no-ext-diff --no-textconv --no-color --no-renames --src-prefix=a/ --dst-prefix=b/"
# What git has to say (of a store that an agent removed) is no line of the patch: it is only heard when git fails.
_ASIDE = """
chmod u+rwx / 2>/dev/null
exec 2> "$GIT_DIR.said"
trap 'code=$?; test $code = 0 || cat "$GIT_DIR.said"; exit $code' EXIT
"""
_HEAD = f"$(GIT_DIR={REPOSITORY} git rev-parse --verify HEAD)"
# Files that are as the commit has them are known by their times and numbers from then on, and need not be read.
_INDEX = f"""{_ASIDE}
head=${{1:-{_HEAD}}}
git read-tree "$head" || exit 3
git update-index -q --refresh
echo "$head"
cat "$GIT_DIR/index"
"""
# Unreadable files are passed over: the rest of the patch must not be lost. A repository inside the tree is its files,
# as it is to ``one_commit``; this removes its .git from the throw-away layer alone. Whatever else keeps git from adding
# files is an error, for the answer would be a patch without them.
_PREPARE = f"""{_ASIDE}
head=${{1:-{_HEAD}}}
if ! test -d "$GIT_DIR"; then
mkdir "$GIT_DIR" && git init -q --template= && mkdir "$GIT_DIR/info" && git read-tree "$head" || exit 3
printf %s '{RAW_BYTES}' > "$GIT_DIR/info/attributes"
fi
find {WORKTREE} -mindepth 2 -name .git -prune -exec rm -rf {{}} +
git add -A --ignore-errors
code=$?
test $code != {_CPU_LIMIT_CODE} || exit $code
test $code -lt 128 || exit 3
echo "$head" > "$GIT_DIR/base"
git {_DIFF} --binary "$head"
"""
_CHANGES = f"""{_ASIDE}
git {_DIFF} --raw -z "$(cat "$GIT_DIR/base")"
"""
_AS_BINARY = f"""{_ASIDE}
echo '* -diff' >> "$GIT_DIR/info/attributes"
git --literal-pathspecs -c core.quotePath=true {_DIFF} --binary "$(cat "$GIT_DIR/base")" -- "$@"
"""


class Answer:
    """What git says, taken up to a bound."""

    def __init__(self) -> None:
        self.text = bytearray()

    def take(self, part: bytes) -> None:
        """Add a part. Raises TreeLost where it becomes too much."""
        if len(self.text) + len(part) > LARGEST_ANSWER:
            raise TreeLost(f"the changes of {WORKTREE} come to over {LARGEST_ANSWER >> 20} MiB: that is no patch")
        self.text += part


def tree_diff(run: Run, head: str | None, *, scratch: str = "/", laid: str | None = None) -> str:
    """Return the unified diff of the work tree against ``head``; by default HEAD of the tree as it was at first.

    ``scratch`` ends in a slash: a folder where git may make its repository. ``laid``: a repository that lies ready
    (see ``fresh_git.lay_repository``), with the index that ``index_of`` gave.
    Binary files, and text that is not UTF-8, are binary patches, so that the answer is text and applies.

    Raises:
        TreeLost: git could not make it.
    """
    env = _environment(laid or f"{scratch}{secrets.token_hex(8)}")
    patch = _git(run, env, _PREPARE, head or "")
    try:
        return patch.decode()
    except UnicodeDecodeError:
        return _with_binary_parts(run, env, patch)


def index_of(run: Run, head: str | None, laid: str) -> tuple[str, bytes]:
    """Return the commit that is compared with, and git's index of the tree, which must be as that commit has it.

    ``laid``: a repository that lies ready, without an index. Raises TreeLost.
    """
    commit, _, index = _git(run, _environment(laid), _INDEX, head or "").partition(b"\n")
    return commit.decode(), index


def _environment(repository: str) -> dict[str, str]:
    return {
        "GIT_DIR": repository,
        "GIT_WORK_TREE": WORKTREE,
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": f"{REPOSITORY}/objects:{WORKTREE}/.git/objects",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "GIT_CONFIG_KEY_1": "core.quotePath",
        "GIT_CONFIG_VALUE_1": "false",
    }


def _with_binary_parts(run: Run, env: dict[str, str], patch: bytes) -> str:
    sections = re.split(rb"^(?=diff --git )", patch, flags=re.MULTILINE)[1:]
    names = _names_of_sections(_git(run, env, _CHANGES))
    text = [_is_text(section) for section in sections]
    # A file that became a link is two sections under one name, and both go the same way.
    bad = {name for name, good in zip(names, text, strict=True) if not good}
    kept = b"".join(section for name, section in zip(names, sections, strict=True) if name not in bad)
    names_again = [name.decode("utf-8", "surrogateescape") for name in sorted(bad)]
    return (kept + _git(run, env, _AS_BINARY, *names_again)).decode()


def _names_of_sections(raw: bytes) -> list[bytes]:
    """Read ``git diff --raw -z``: a path for each section that the patch has (two for a changed type)."""
    fields = raw.split(b"\0")[:-1]
    names = []
    for change, name in zip(fields[::2], fields[1::2], strict=True):
        names += [name] * (2 if change.endswith(b" T") else 1)
    return names


def _is_text(section: bytes) -> bool:
    try:
        section.decode()
    except UnicodeDecodeError:
        return False
    return True


def _git(run: Run, env: dict[str, str], script: str, *arguments: str) -> bytes:
    bounded = f"ulimit -S -t {LONGEST} 2>/dev/null\n{script}"
    code, output = run(["/bin/sh", "-c", bounded, "sh", *arguments], env)
    if code == _CPU_LIMIT_CODE:
        raise TreeLost(f"the changes of {WORKTREE} take git over {LONGEST} s of processor time: that is no patch")
    if code != 0:
        said = output.decode(errors="replace").strip()[-500:]
        raise TreeLost(f"git cannot compare {WORKTREE} with its commit (exit code {code}): {said}")
    return output
