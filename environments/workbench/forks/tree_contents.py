"""Every file of a task's base tree, by path: Python files at hand, the others read when they are asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping

from environments.sandboxes.contract import Sandbox, SandboxError

_KINDS = {"120000": "a symbolic link", "160000": "a submodule"}


class TreeContents(Mapping[str, bytes]):
    """Path -> bytes of the tree's regular files; safe to use from many threads.

    Links and submodules are no files: they stand in ``barred``, with what they are.
    """

    def __init__(
        self,
        names: Iterable[str],
        known: Mapping[str, bytes],
        read: Callable[[str], bytes],
        barred: Mapping[str, str],
    ) -> None:
        """``known``: contents at hand; ``read``: gives any other, FileNotFoundError where there is none."""
        self.barred = dict(barred)
        self._names = dict.fromkeys(name for name in names if name not in self.barred)
        self._known = dict(known)
        self._read = read
        self._lock = threading.Lock()

    def __getitem__(self, path: str) -> bytes:
        if path not in self._names:
            raise KeyError(path)
        with self._lock:
            if path not in self._known:
                try:
                    self._known[path] = self._read(path)
                except (FileNotFoundError, IsADirectoryError) as error:
                    raise KeyError(path) from error
            return self._known[path]

    def __contains__(self, path: object) -> bool:
        return path in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def barred_paths(sandbox: Sandbox) -> dict[str, str]:
    """Return the links and submodules that git knows of in the sandbox's tree, with what each is."""
    listing = "/tmp/runoff/modes"
    command = "git -c safe.directory='*' ls-files -z --stage"
    result = sandbox.run(f"mkdir -p /tmp/runoff && {command} > {listing}")
    if result.exit_code != 0:
        raise SandboxError(f"The files of the tree cannot be listed: {result.text.strip()}")
    barred = {}
    for entry in sandbox.read(listing).decode("utf-8", errors="surrogateescape").split("\0"):
        about, _, path = entry.partition("\t")
        if (kind := _KINDS.get(about.partition(" ")[0])) is not None:
            barred[path] = kind
    return barred
