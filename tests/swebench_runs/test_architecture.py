"""docs/architecture.md follows the folders: every room has a row, and what a row names is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text()
PACKAGES = ("environments", "agent", "verifiers", "selection", "swebench_runs")


def rows():
    """Return (package/room, the row's cells)."""
    found = {}
    for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        package = part.partition("/")[0]
        for line in part.splitlines():
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            if package in PACKAGES and line.startswith("| ") and cells[0] != "room":
                room = "" if cells[0] == "*(top)*" else cells[0].strip("`/")
                found[f"{package}/{room}".rstrip("/")] = cells
    return found


def test_every_room_has_a_row_that_says_what_may_not_be_in_it():
    folders = {f"{name}/{path.parent.name}" for name in PACKAGES for path in (ROOT / name).glob("*/__init__.py")}
    rooms = {room for room in rows() if "/" in room}
    assert folders <= rooms
    assert [room for room in rooms if not (ROOT / room / "__init__.py").is_file()] == []
    assert all(len(cells) == 4 and all(cells) for cells in rows().values())


def test_the_files_that_a_row_names_are_there():
    named = [
        (room, file) for room, cells in rows().items() for file in re.findall(r"`([\w/]+\.\w+)`", " ".join(cells[1:3]))
    ]
    missing = [f"{room}/{file}" for room, file in named if not (ROOT / room / file).is_file()]
    assert len(named) > 50
    assert missing == []


def test_it_is_one_page():
    assert len(PAGE.splitlines()) < 110
