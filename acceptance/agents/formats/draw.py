"""``python -m acceptance.agents.formats.draw``: tasks of packages that are not in ``starter``, until there are enough.

The packages are asked in an order drawn by seed, each at its newest release; one whose tests cannot be found, do not
pass or find no mutant is passed over, and so is one that gives no task with an example. What is there stays.
(text-unidecode was drawn first of all: its example is none that the harness can run, so it is not among them.)
"""

from __future__ import annotations

import random
import re
import subprocess
import sys

from acceptance.agents.formats.tasks import FRESH, SEED
from environments.synthesis.recipe import StatementKind
from environments.synthesis.report import synth_mutate
from environments.synthesis.sdists import SdistError
from environments.workbench.python_env import PythonEnvironmentError
from swebench_runs.run_folder.files import write_whole

WANTED = 8
NAMES = (
    "Unidecode addict aniso8601 asn1crypto bidict bitstring boltons cattrs cerberus chardet colorama commonmark "
    "configobj construct cssselect dateparser deepdiff deepmerge dictdiffer dpath emoji flatten-dict ftfy furl glom "
    "humanfriendly humanize hyperlink idna inflect iniconfig intervaltree iso4217 isodate isoduration itsdangerous "
    "jmespath json5 jsondiff jsonlines jsonpatch jsonpointer langcodes mako markdown markdown2 marshmallow mistune "
    "more-itertools nameparser natsort num2words ordered-set packaging parso pathspec polib prettytable pyasn1 pydash "
    "pyphen pyrsistent python-box python-slugify python-stdnum pytimeparse rfc3986 semantic-version smartypants "
    "sortedcollections sortedcontainers textdistance titlecase tomli tomlkit validators wcwidth webob "
    "word2number"
)


def main() -> None:
    """Make tasks of one package after the other until there are ``WANTED`` files."""
    names = sorted(NAMES.split())
    random.Random(SEED).shuffle(names)
    for name in names:
        if len(list(FRESH.glob("*.json"))) >= WANTED:
            return
        path = FRESH / f"{name}.json"
        version = "" if path.exists() else newest(name)
        if not version:
            continue
        try:
            report = synth_mutate(f"{name}=={version}", 2, SEED, progress=print)
        except (ValueError, SdistError, PythonEnvironmentError) as problem:
            print(f"{name} {version}: {problem}", flush=True)
            continue
        if any(recipe.kind is StatementKind.EXAMPLE for recipe in report.recipes):
            write_whole(path, report.model_dump_json(indent=1) + "\n")


def newest(name: str) -> str:
    """Return a package's newest release as the index tells it; empty where it has none."""
    command = [sys.executable, "-m", "pip", "index", "versions", name]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout
    found = re.search(r"\(([^)]+)\)", told)
    return found[1] if found else ""


if __name__ == "__main__":
    main()
