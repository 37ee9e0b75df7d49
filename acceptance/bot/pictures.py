"""The pictures of docs/bot.md: what the bot posted on GitHub's stand-in by a scripted model, rendered as GitHub does.

Needs node, npm and chromium, to make them; nothing that reads the pages does.
"""

from __future__ import annotations

import subprocess
import tempfile
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment
from markdown_it import MarkdownIt
from PIL import Image, ImageChops

from acceptance.bot.ground import Ground, ground
from acceptance.record import ROOT

STYLE = "github-markdown-css@5.9.0"
PICTURES = ROOT / "docs" / "pictures"
MOST = 150_000
"""Bytes of a picture."""
_WIDTH, _HEIGHT = 900, 2400


def posted(at: Ground) -> tuple[str, str, str]:
    """Let the bot answer one label; return its comment, and its pull request's title and description."""
    number = at.issue()
    with at.serving() as server:
        server.deliver(*at.labelled(number))
        server.idle()
    (pull,), (comment,) = at.github.state.pulls, at.github.state.issues[number].comments
    return comment.body, f"{pull.title} #{pull.number}", pull.body


def picture(name: str, page: str, folder: Path) -> None:
    """Take a picture of a page, as high as the page is, in few colours."""
    (folder / "page.html").write_text(page)
    shot = folder / "shot.png"
    size = f"--window-size={_WIDTH},{_HEIGHT}"
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", size, f"--user-data-dir={folder}/b")
    command = ["chromium", *options, f"--screenshot={shot}", f"file://{folder}/page.html"]
    subprocess.run(command, check=True, capture_output=True)
    with Image.open(shot) as opened:
        image = opened.convert("RGB")
    box = ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox()
    assert box is not None
    made = PICTURES / f"{name}.png"
    image.crop((0, 0, _WIDTH, box[3] + 16)).quantize(64).save(made, optimize=True)
    if made.stat().st_size > MOST:
        raise SystemExit(f"{made} has {made.stat().st_size:,} bytes: over {MOST:,}")
    print(f"{made.relative_to(ROOT)}: {made.stat().st_size:,} bytes")


def main() -> None:
    """Make both."""
    PICTURES.mkdir(exist_ok=True)
    markdown = MarkdownIt("commonmark").enable("table")
    page = Environment(autoescape=True).from_string(files("acceptance.bot").joinpath("page.html.jinja").read_text())
    with tempfile.TemporaryDirectory(prefix="runoff-pictures-") as scratch:
        folder = Path(scratch)
        subprocess.run(["npm", "install", "--silent", "--ignore-scripts", "--prefix", scratch, STYLE], check=True)
        style = (folder / "node_modules/github-markdown-css/github-markdown-light.css").read_text()
        with ground(folder) as at:
            comment, title, description = posted(at)
        for name, heading, text in (("bot-comment", "", comment), ("bot-pull-request", title, description)):
            body = markdown.render(text)
            picture(name, page.render(style=style, heading=heading, body=body, who=at.github.app_slug), folder)


if __name__ == "__main__":
    main()
