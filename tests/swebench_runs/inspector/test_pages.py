"""A run as pages: all of it linked, nothing of it live."""

import re
from html.parser import HTMLParser

import pytest
from hostile_run import NAME, hostile_everywhere, hostile_run

from swebench_runs.errors import UsageError
from swebench_runs.inspector.pages import write_pages


class Page(HTMLParser):
    """Tags, links and text of a page."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.links, self.text = set(), [], ""
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        named = dict(attributes)
        assert not [name for name in named if name.startswith("on")]
        if tag in ("a", "link"):
            self.links.append(named["href"])

    def handle_data(self, data):
        self.text += data


def test_every_page_is_reached_and_nothing_is_live(tmp_path):
    run = hostile_run(tmp_path / "run", steps=120)
    first = write_pages(run, tmp_path / "pages")
    seen, todo = {}, [first]
    while todo:
        path = todo.pop().resolve()
        if path in seen:
            continue
        seen[path] = page = Page(path)
        assert "script" not in page.tags
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", path.read_text())
        assert "default-src 'none'" in path.read_text()
        todo += [path.parent / link for link in page.links if link.endswith(".html")]
    assert seen.keys() == {path.resolve() for path in (tmp_path / "pages").rglob("*.html")}
    text = "".join(page.text for page in seen.values())
    for words in ("abstained (abc)", "<script>alert(1)</script>", "{{ 7*7 }}", "+new", "Done 119", "printed", "edit-0"):
        assert words in text
    assert len(list((tmp_path / "pages" / NAME).glob("edit-0*.html"))) == 3


def test_nothing_is_live_whichever_field_of_whichever_file_is_hostile(tmp_path):
    run, kept = hostile_everywhere(tmp_path / "run")
    assert sum(map(len, kept.values())) > 100
    write_pages(run, tmp_path / "pages")
    for path in (tmp_path / "pages").rglob("*.html"):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", path.read_text())
        assert not {"script", "img", "b"} & Page(path).tags
        assert "49" not in re.findall(r"&amp;(\d+)", path.read_text())  # what {{ 7*7 }} stands behind


def test_damaged_files_have_pages_that_say_so(tmp_path):
    run = hostile_run(tmp_path / "run")
    run.task(NAME).journal_path("edit", 0).write_text("[1]\n")
    (run.task(NAME).path / "ballot.json").write_text("{")
    write_pages(run, tmp_path / "pages")
    assert "is damaged" in Page(tmp_path / "pages" / NAME / "index.html").text
    assert "is no record of a trajectory" in Page(tmp_path / "pages" / NAME / "edit-0.html").text


def test_somebody_elses_folder_is_left_alone_and_ones_own_is_written_again(tmp_path):
    run = hostile_run(tmp_path / "run")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("mine")
    with pytest.raises(UsageError, match="holds other files"):
        write_pages(run, tmp_path / "mine")
    assert (tmp_path / "mine" / "index.html").read_text() == "mine"
    write_pages(run, tmp_path / "pages")
    assert write_pages(run, tmp_path / "pages").is_file()
