"""What ``make acceptance-...`` starts is there."""

import re
from importlib.util import find_spec

import pytest

from acceptance.record import ROOT

STARTED = re.findall(
    r"(?:\$\(ACCEPTANCE\)|-m acceptance)\.([\w.]+)", (ROOT / "acceptance" / "acceptance.mk").read_text()
)


def test_items_are_found():
    assert len(STARTED) > 20


@pytest.mark.parametrize("item", sorted(set(STARTED)))
def test_an_item_is_a_module_or_a_folder_that_starts(item):
    found = find_spec(f"acceptance.{item}")
    assert found is not None
    assert found.submodule_search_locations is None or find_spec(f"acceptance.{item}.__main__")


def test_the_page_tells_of_every_folder_and_of_no_other():
    page = (ROOT / "acceptance" / "README.md").read_text()
    folders = {path.parent.name for path in (ROOT / "acceptance").glob("*/__init__.py")}
    assert set(re.findall(r"^\| `(\w+)/` \|", page, flags=re.MULTILINE)) == folders
