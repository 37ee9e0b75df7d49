"""A repository whose history holds a later fix in every place that git has, and a search for it in all of them."""

import os
import subprocess
import zlib
from pathlib import Path

FIX = "return 'REPAIRED-BY-UPSTREAM'"
"""A line of the fix; it is in no file of the base."""
_WORD = b"REPAIRED-BY-UPSTREAM"
_NAMES = {"GIT_AUTHOR_NAME": "u", "GIT_AUTHOR_EMAIL": "u@u", "GIT_COMMITTER_NAME": "u", "GIT_COMMITTER_EMAIL": "u@u"}
_HOST = {**os.environ, **_NAMES, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def git(folder, *words, stdin=None, check=True):
    """Run git with nothing of the host's settings; return what it wrote, bytes."""
    options = ["-c", "safe.directory=*", "-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *options, *words], cwd=folder, env=_HOST, input=stdin, capture_output=True)
    assert not check or done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def identify(folder, name="HEAD"):
    return git(folder, "rev-parse", name).decode().strip()


def commit(folder, message):
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return identify(folder)


def make_history(folder):
    """Make a repository in ``folder``; return the base commit, before the fix. HEAD stays at the fix."""
    git(folder.parent, "init", "-q", str(folder))
    git(folder, "config", "core.logAllRefUpdates", "true")
    (folder / "code.py").write_text("def f():\n    return 'old'\n")
    commit(folder, "release")
    git(folder, "tag", "-a", "v1.2", "-m", "1.2")
    (folder / "code.py").write_text("def f():\n    return 'broken'\n")
    base = commit(folder, "base")
    _fix(folder, "stash")
    git(folder, "stash", "-q")
    _fix(folder, "branch")
    git(folder, "checkout", "-q", "-b", "fix-branch")
    commit(folder, "fix on a branch")
    git(folder, "checkout", "-q", "main")
    _fix(folder, "main")
    fix = commit(folder, "the fix")
    git(folder, "tag", "v1.3")
    git(folder, "tag", "-a", "v1.4", "-m", f"has {FIX}")
    git(folder, "notes", "add", "-m", f"see {FIX}", base)
    git(folder, "update-ref", "refs/pull/7/head", fix)
    git(folder, "update-ref", "refs/remotes/origin/main", fix)
    git(folder, "repack", "-adq")
    _fix(folder, "amended")  # its first form is reachable by the reflog alone, and loose
    commit(folder, "an amended fix")
    git(folder, "commit", "-q", "--amend", "-m", "amended")
    git(folder, "hash-object", "-w", "--stdin", stdin=f"dangling {FIX}\n".encode())
    return base


def _fix(folder, where):
    (folder / "code.py").write_text(f"def f():\n    {FIX}  # {where}\n")


def places_of_the_fix(tree):
    """Return where a tree or its repository shows the fix, by git's own means and in the bytes on disk."""
    views = {
        "log": ["log", "--all", "--reflog", "-p", "--decorate=full", "--notes=*"],
        "reachable": ["rev-list", "--objects", "--all", "--reflog"],
        "references": ["for-each-ref"],
        "reflog": ["reflog", "show", "--all"],
        "stash": ["stash", "list", "-p"],
        "objects": ["cat-file", "--batch-all-objects", "--batch", "--unordered"],
        "lost": ["fsck", "--lost-found", "--no-progress", "--unreachable", "--no-reflogs"],
    }
    shown = {name: git(tree, *words) for name, words in views.items()}
    found = [name for name, text in shown.items() if _WORD in text]
    found += ["lost"] if b"dangling" in shown["lost"] or b"unreachable" in shown["lost"] else []
    for folder, _, names in os.walk(tree):
        for path in (Path(folder) / name for name in names):
            if path.is_file() and not path.is_symlink():
                found += [str(path)] if _WORD in _content(path) else []
    return found


def _content(path):
    """Return a file's bytes, inflated where it is a loose object."""
    raw = path.read_bytes()
    try:
        return raw + zlib.decompress(raw)
    except zlib.error:
        return raw
