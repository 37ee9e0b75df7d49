"""A commit's files by GitHub's git data: what is at a path, and new trees. No checkout, and no git."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from github_bot.errors import ArtifactError, GitHubError
from github_bot.github.connection import Connection

FILES = ("100644", "100755")
_FOLDER = "040000"
_KINDS = {"120000": "a link", "160000": "a submodule", _FOLDER: "a folder"}


@dataclass(frozen=True)
class Entry:
    """One entry of a folder."""

    mode: str
    sha: str


class CommitTrees:
    """The trees of a repository's commits; what was read is kept, since none of it can change."""

    def __init__(self, connection: Connection, repository: str) -> None:
        """Read a repository's trees through a connection."""
        self._at, self._repository = connection, repository
        self._folders: dict[str, dict[str, Entry]] = {}
        self._roots: dict[str, str] = {}

    def root(self, commit: str) -> str | None:
        """Return a commit's tree."""
        if commit not in self._roots:
            shown = self._at.get("repos", self._repository, "git/commits", commit)
            if shown is None:
                return None
            self._roots[commit] = shown["tree"]["sha"]
        return self._roots[commit]

    def find(self, commit: str, path: str) -> Entry | None:
        """Return what is at a path; nothing is found through a link or a file."""
        tree = self.root(commit)
        entry = Entry(_FOLDER, tree) if tree else None
        for name in path.split("/"):
            if entry is None or entry.mode != _FOLDER:
                return None
            entry = self._folder(entry.sha).get(name)
        return entry

    def read(self, commit: str, path: str) -> bytes | None:
        """Return a regular file; links, folders and submodules are none."""
        entry = self.find(commit, path)
        if entry is None or entry.mode not in FILES:
            return None
        blob = self._at.get("repos", self._repository, "git/blobs", entry.sha)
        return None if blob is None else b64decode(blob["content"])

    def write(self, commit: str, files: Mapping[str, bytes | None], executable: Collection[str] = ()) -> str:
        """Make the tree of a commit with files changed and return its id (see ``Writer.tree``)."""
        entries = [self._changed(commit, path, content, executable) for path, content in sorted(files.items())]
        made = self._at.post("repos", self._repository, "git/trees", base_tree=self.root(commit), tree=entries)
        return str(made["sha"])

    def _changed(self, parent: str, path: str, content: bytes | None, executable: Collection[str]) -> dict[str, Any]:
        mode = self._mode(parent, path, executable)
        if content is None:
            return {"path": path, "mode": mode, "type": "blob", "sha": None}
        text = b64encode(content).decode()
        blob = self._at.post("repos", self._repository, "git/blobs", content=text, encoding="base64")
        return {"path": path, "mode": mode, "type": "blob", "sha": blob["sha"]}

    def _mode(self, parent: str, path: str, executable: Collection[str]) -> str:
        """Return the mode a written file gets; ArtifactError where it would be written through or over a link."""
        parts = path.split("/")
        for depth in range(1, len(parts)):
            above = self.find(parent, "/".join(parts[:depth]))
            if above is not None and above.mode != _FOLDER:
                raise ArtifactError(f"{'/'.join(parts[:depth])!r} is no folder: nothing is written beneath it")
        there = self.find(parent, path)
        if there is None:
            return FILES[path in executable]
        if there.mode not in FILES:
            raise ArtifactError(f"{path!r} is {_KINDS.get(there.mode, 'no file')}: nothing is written over it")
        return there.mode

    def _folder(self, sha: str) -> dict[str, Entry]:
        if sha not in self._folders:
            shown = self._at.get("repos", self._repository, "git/trees", sha)
            if shown is None or shown.get("truncated"):
                raise GitHubError(f"a folder of {self._repository} cannot be read whole: nothing is written beneath it")
            self._folders[sha] = {entry["path"]: Entry(entry["mode"], entry["sha"]) for entry in shown["tree"]}
        return self._folders[sha]
