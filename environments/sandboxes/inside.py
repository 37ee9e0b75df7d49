"""What every command sees in a sandbox, whatever the sandbox is made of: its user and its environment."""

from __future__ import annotations

from collections.abc import Mapping

UID = 1000
"""Who a command is inside, unless an image's own user must run it."""
HOME = "/tmp/home"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT: Mapping[str, str] = {
    "HOME": HOME,
    "USER": "runoff",
    "LOGNAME": "runoff",
    "SHELL": "/bin/bash",
    "TMPDIR": "/tmp",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PAGER": "cat",
    "MANPAGER": "cat",
    "GIT_PAGER": "cat",
    "LESS": "-R",
    "PIP_PROGRESS_BAR": "off",
    "TQDM_DISABLE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONNOUSERSITE": "1",
}
"""The environment of every command, beside a PATH. No byte code is written: a .pyc is matched by seconds and size, so
two edits within one second could run the older one."""
SHARED_MEMORY = 64 << 20
"""Bytes of /dev/shm, at most."""
