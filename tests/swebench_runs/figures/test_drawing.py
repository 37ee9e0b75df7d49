from __future__ import annotations

import re
from xml.etree import ElementTree

import matplotlib
import pytest

from swebench_runs.figures.drawing import draw, draw_file
from swebench_runs.figures.palette import PALETTE, light, style_sheet


def paint(figure) -> None:
    axes = figure.subplots()
    axes.plot([1, 2], [0.1, 0.2], color=light("accent"), label="costs $a$ & <b>")
    axes.legend()


def drawn() -> str:
    return draw(paint, width=4, height=3)


def test_the_same_figures_are_the_same_bytes():
    assert drawn() == drawn()
    assert not re.search(r"\b20\d\d-\d\d-\d\d", drawn())


def test_a_picture_loads_nothing_and_names_no_address():
    assert not re.search(r"https?:|url\((?!#)|@import|<script|<image", drawn())
    assert drawn().startswith("<svg")


def test_a_picture_follows_the_readers_colours():
    assert "var(--accent)" in drawn()
    assert not set(re.findall(r"#[0-9a-f]{6}\b", drawn())) & {pair[0] for pair in PALETTE.values()}
    assert len({pair[0] for pair in PALETTE.values()}) == len(PALETTE)
    for name, (by_light, by_dark) in PALETTE.items():
        before, after = style_sheet().split("@media (prefers-color-scheme: dark)")
        assert f"--{name}: {by_light};" in before
        assert f"--{name}: {by_dark};" in after


def test_a_name_is_text_and_never_a_formula():
    assert re.search(r"<text[^>]*>costs \$a\$ &amp; &lt;b&gt;</text>", drawn())


@pytest.mark.parametrize("setting", ["text.usetex: True", "svg.fonttype: path", "font.size: 40", "axes.grid: False"])
def test_settings_of_the_current_folder_do_not_count(setting, tmp_path, monkeypatch):
    plain = drawn()
    (tmp_path / "matplotlibrc").write_text(f"{setting}\n")
    monkeypatch.chdir(tmp_path)
    with matplotlib.rc_context(fname=tmp_path / "matplotlibrc"):  # as if the process had been started here
        assert drawn() == plain


def test_a_file_of_its_own_brings_the_colours_along():
    text = draw_file(paint, width=4, height=3, title="How far")
    root = ElementTree.fromstring(text)
    assert (root.tag, root.get("aria-label")) == ("{http://www.w3.org/2000/svg}svg", "How far")
    assert "prefers-color-scheme: dark" in root.find("{*}style").text
