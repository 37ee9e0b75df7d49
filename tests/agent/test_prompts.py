"""Every prompt that is rendered is there, and every one that is there is rendered."""

import re
from pathlib import Path

import agent.prompts

FOLDER = Path(agent.prompts.__file__).parent
ROOMS = ("agent", "verifiers", "selection", "swebench_runs")
THERE = {path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.jinja")}


def sources() -> str:
    top = FOLDER.parents[1]
    return "\n".join(path.read_text() for room in ROOMS for path in sorted((top / room).rglob("*.py")))


def test_every_prompt_that_is_rendered_is_there_and_every_one_there_is_rendered():
    text = sources()
    rendered = set(re.findall(r'\brender\(\s*"([\w/]+)"', text))
    begun = tuple(re.findall(r'\brender\(\s*f"([\w/]+)\{', text))
    templates = "\n".join(path.read_text() for path in FOLDER.rglob("*.jinja"))
    included = set(re.findall(r'{% include "([\w/]+)\.jinja"', templates))
    assert len(rendered) > 30
    assert len(begun) > 2
    assert rendered | included <= THERE
    for name in sorted(THERE - rendered - included):
        assert name.startswith(begun) or f'"{name}"' in text, f"nobody renders {name}"
    for start in begun:
        assert any(name.startswith(start) for name in THERE), f"no prompt begins with {start}"
