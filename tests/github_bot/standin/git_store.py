"""The repository's objects and refs: a real bare repository, worked on by git's own plumbing."""

import os
import subprocess
from pathlib import Path

_WHO = {
    **{f"GIT_{role}_NAME": "GitHub" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "noreply@github.com" for role in ("AUTHOR", "COMMITTER")},
}


class NotThere(Exception):
    """An object or ref that the repository has not."""


class GitStore:
    """A bare repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not (folder / "HEAD").exists():
            subprocess.run(["git", "init", "-q", "--bare", "-b", "main", "--template=", str(folder)], check=True)

    def git(self, *arguments: str, stdin: bytes = b"", variables: dict | None = None) -> bytes:
        """Run git here and return what it printed; NotThere where it refused."""
        environment = {**os.environ, **_WHO, **(variables or {})}
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, input=stdin, capture_output=True, env=environment, check=False
        )
        if done.returncode:
            raise NotThere(done.stderr.decode().strip())
        return done.stdout

    def lay(self, files: dict[str, bytes | str], message: str = "first", branch: str = "main") -> str:
        """Commit files onto a branch, as a push would."""
        parent = self.refs().get(f"refs/heads/{branch}")
        entries = [
            {
                "path": path,
                "mode": "100644",
                "sha": self.add_blob(content.encode() if isinstance(content, str) else content),
            }
            for path, content in files.items()
        ]
        commit = self.add_commit(message, self.add_tree(entries, parent), [parent] if parent else [])
        self.set_ref(f"refs/heads/{branch}", commit)
        return commit

    def kind(self, sha: str) -> str:
        return self.git("cat-file", "-t", sha).decode().strip()

    def blob(self, sha: str) -> bytes:
        return self.git("cat-file", "blob", sha)

    def add_blob(self, content: bytes) -> str:
        return self.git("hash-object", "-w", "--stdin", stdin=content).decode().strip()

    def tree(self, sha: str, recursive: bool = False) -> list[dict]:
        """Return a tree's entries as GitHub shows them."""
        raw = self.git("ls-tree", "-z", "-l", *(["-r", "-t"] if recursive else []), sha).decode()
        entries = []
        for line in filter(None, raw.split("\0")):
            head, _, path = line.partition("\t")
            mode, kind, entry, size = head.split()
            shown = {"path": path, "mode": mode, "type": kind, "sha": entry}
            entries.append(shown if size == "-" else {**shown, "size": int(size)})
        return entries

    def add_tree(self, entries: list[dict], base: str | None = None) -> str:
        """Make a tree of a base's with entries changed; one whose ``sha`` is None is removed."""
        index = {"GIT_INDEX_FILE": str(self.folder / f"index-{os.urandom(6).hex()}")}
        try:
            if base is not None:
                self.git("read-tree", base, variables=index)
            lines = [
                f"{entry['mode']} {entry['sha']}\t{entry['path']}" if entry["sha"] else f"0 {'0' * 40}\t{entry['path']}"
                for entry in entries
            ]
            self.git(
                "update-index",
                "--add",
                "--replace",
                "--index-info",
                stdin="\n".join([*lines, ""]).encode(),
                variables=index,
            )
            return self.git("write-tree", variables=index).decode().strip()
        finally:
            Path(index["GIT_INDEX_FILE"]).unlink(missing_ok=True)

    def commit(self, sha: str) -> dict:
        """Return a commit's tree, parents and message."""
        head, _, message = self.git("cat-file", "commit", sha).decode().partition("\n\n")
        fields = [line.split(" ", 1) for line in head.splitlines()]
        return {
            "tree": next(value for name, value in fields if name == "tree"),
            "parents": [value for name, value in fields if name == "parent"],
            "message": message.removesuffix("\n"),
        }

    def add_commit(self, message: str, tree: str, parents: list[str]) -> str:
        given = [word for parent in parents for word in ("-p", parent)]
        return self.git("commit-tree", tree, *given, stdin=message.encode()).decode().strip()

    def changes(self, base: str, head: str) -> dict[str, str]:
        """Return what differs since two commits parted, by file, as GitHub shows it: hunks without headers."""
        names = self.git("diff", "--name-only", "-z", f"{base}...{head}").decode().split("\0")[:-1]
        diffs = {name: self.git("diff", f"{base}...{head}", "--", name).decode() for name in names}
        return {name: diff[diff.index("@@") :] for name, diff in diffs.items()}

    def refs(self) -> dict[str, str]:
        lines = self.git("for-each-ref", "--format=%(refname) %(objectname)").decode().splitlines()
        return dict(line.split(" ") for line in lines)

    def set_ref(self, ref: str, sha: str) -> None:
        self.git("update-ref", ref, sha)

    def delete_ref(self, ref: str) -> None:
        self.git("update-ref", "-d", ref)

    def is_ancestor(self, old: str, new: str) -> bool:
        return self.git("rev-list", "-1", old, f"^{new}") == b""
