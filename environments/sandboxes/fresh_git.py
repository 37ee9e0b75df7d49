"""What every repository that Runoff makes is made of: no hook, no setting of the host's, bytes as they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

CONFIG = """[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = false
\tlogallrefupdates = false
\tautocrlf = false
\tfsmonitor = false
[gc]
\tauto = 0
"""
"""Text of ``config``."""

RAW_BYTES = "* -text -filter -ident -working-tree-encoding\n"
"""Text of ``info/attributes``, which outranks every .gitattributes of the tree: no line ends are converted, no filter
is run (Git LFS is one), no keyword expanded; now, and for every later diff."""

TRUST = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
"""Variables for git in a sandbox, where the tree may be another user's: it must not ask whose."""
MESSAGE = "Base of the task"
IDENTITY: Mapping[str, str] = {
    "GIT_AUTHOR_NAME": "Runoff",
    "GIT_AUTHOR_EMAIL": "runoff@localhost",
    "GIT_AUTHOR_DATE": "2000-01-01T00:00:00+0000",
    "GIT_COMMITTER_NAME": "Runoff",
    "GIT_COMMITTER_EMAIL": "runoff@localhost",
    "GIT_COMMITTER_DATE": "2000-01-01T00:00:00+0000",
}
"""Whose the one commit is, and when it was made: its id depends on the files alone."""


def lay_repository(folder: Path) -> None:
    """Write the few files that make a repository; ``git init`` would add templates and hooks of the host's."""
    for part in ("objects/info", "refs/heads", "info"):
        (folder / part).mkdir(parents=True)
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / "config").write_text(CONFIG)
    (folder / "info" / "attributes").write_text(RAW_BYTES)
