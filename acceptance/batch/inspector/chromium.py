"""Pages in Debian's chromium without a window, driven by its debugging protocol: how soon they stand, how they look."""

from __future__ import annotations

import asyncio
import base64
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

_STANDS = "(() => { const one = performance.getEntriesByType('navigation')[0]; return one.loadEventEnd; })()"
"""Milliseconds from the navigation's start until everything is loaded and laid out."""


def chromium() -> str | None:
    """Return the program; None where there is none."""
    return shutil.which("chromium")


def seconds_of(pages: Sequence[Path], pictures: dict[Path, Path]) -> list[float]:
    """Return each page's seconds until it stands; ``pictures`` says of which to keep a picture, and where."""
    return asyncio.run(_seconds_of(pages, pictures))


async def _seconds_of(pages: Sequence[Path], pictures: dict[Path, Path]) -> list[float]:
    found = []
    async with _window() as ask:
        await ask("Page.enable")
        for page in pages:
            await ask("Page.navigate", url=page.as_uri())
            found.append(await _stands(ask) / 1000)
            if page in pictures:
                picture = await ask("Page.captureScreenshot", format="png")
                pictures[page].write_bytes(base64.b64decode(picture["data"]))
    return found


async def _stands(ask: Any) -> float:
    for _ in range(2000):
        ready = await ask("Runtime.evaluate", expression=f"document.readyState == 'complete' && {_STANDS}")
        if value := ready["result"].get("value"):
            return float(value)
        await asyncio.sleep(0.005)
    raise TimeoutError("the page did not come to stand")


@asynccontextmanager
async def _window() -> AsyncIterator[Any]:
    """Give a function that asks one command of a page's window."""
    program = chromium()
    assert program
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--window-size=1280,860"]
        process = subprocess.Popen(
            [program, *options, f"--user-data-dir={home}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            port = _port(Path(home) / "DevToolsActivePort")
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://127.0.0.1:{port}/json") as told:
                    address = next(one["webSocketDebuggerUrl"] for one in await told.json() if one["type"] == "page")
                async with session.ws_connect(address, max_msg_size=0) as socket:
                    yield _asking(socket)
        finally:
            process.terminate()
            process.wait()


def _asking(socket: aiohttp.ClientWebSocketResponse) -> Any:
    number = 0

    async def ask(method: str, **parameters: Any) -> Any:
        nonlocal number
        number += 1
        await socket.send_json({"id": number, "method": method, "params": parameters})
        while (told := await socket.receive_json()).get("id") != number:
            pass
        return told["result"]

    return ask


def _port(file: Path) -> str:
    for _ in range(3000):
        if file.is_file() and (lines := file.read_text().splitlines()):
            return lines[0]
        time.sleep(0.01)
    raise TimeoutError("chromium did not say where it listens")
