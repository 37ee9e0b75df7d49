"""The issue to resolve: a file, standard input, or an issue on GitHub."""

from __future__ import annotations

import os
import re
import select
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from environments.bounded import json_value
from environments.text import decoded, readable
from swebench_runs.errors import RunoffError, UsageError

MAX_CHARACTERS = 200_000
MAX_BYTES = 4 * (MAX_CHARACTERS + 1)
"""Read of a file: no encoding takes more for a character."""
MAX_ANSWER = 16 << 20
"""Bytes of GitHub's answer: an issue, and what stands around it."""
TIMEOUT = 30.0

_GITHUB = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+)/issues/(\d+)/?(?:[?#].*)?")


def read_issue(source: str) -> str:
    """Return the issue's text: title and body. ``source``: a file, ``-``, or an issue's URL on GitHub.

    Raises UsageError or RunoffError, in one line, for what cannot be read or is empty.
    """
    raw = _text(source)
    if "\0" in raw and len(raw) <= MAX_CHARACTERS:
        raise UsageError(f"the issue in {source} is no text: it holds binary data")
    text = readable(raw).strip()
    if not text:
        raise UsageError(f"the issue in {source} is empty: write what is wrong, a title on the first line")
    if len(text) > MAX_CHARACTERS:
        raise UsageError(f"the issue in {source} is longer than {MAX_CHARACTERS:,} characters: shorten it")
    return text


def _text(source: str) -> str:
    if source == "-":
        return decoded(sys.stdin.buffer.read(MAX_BYTES))
    if match := _GITHUB.fullmatch(source):
        return _github(source, *match.groups())
    if "://" in source:
        raise UsageError(f"{source} is not a GitHub issue: write https://github.com/OWNER/NAME/issues/NUMBER or a file")
    try:
        return decoded(_bounded(Path(source)))
    except OSError as error:
        raise UsageError(
            f"cannot read the issue from {source}: {error.strerror} (text itself goes in by --issue -)"
        ) from None


def _bounded(path: Path) -> bytes:
    """Return what a file or a stream holds, no more than an issue may and no later than after ``TIMEOUT`` seconds."""
    content, deadline = bytearray(), time.monotonic() + TIMEOUT
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a FIFO may have nobody at its other end
    try:
        while len(content) < MAX_BYTES:
            if not select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise UsageError(f"the issue in {path} did not arrive within {TIMEOUT:.0f} s: save it in a file")
            part = os.read(descriptor, 1 << 16)
            if not part:
                break
            content += part
    finally:
        os.close(descriptor)
    return bytes(content)


def _github(source: str, owner: str, name: str, number: str) -> str:
    request = urllib.request.Request(
        f"https://api.github.com/repos/{owner}/{name}/issues/{number}",
        headers={"Accept": "application/vnd.github+json", "User-Agent": "runoff"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            issue = json_value(answer.read(MAX_ANSWER + 1), at_most=MAX_ANSWER)
        return f"{issue['title']}\n\n{issue['body'] or ''}"
    except (urllib.error.URLError, TimeoutError, ValueError, KeyError, TypeError) as error:
        raise RunoffError(f"cannot fetch {source} ({error}): save the issue's text in a file and give that") from None
