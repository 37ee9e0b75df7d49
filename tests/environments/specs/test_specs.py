import json
import os
import subprocess
from pathlib import Path

import pytest
from pydantic import ValidationError

from environments.specs import ImageSpec, SpecError, find_spec, known_versions, layer_key, repositories
from environments.specs.table import version_key
from environments.workbench.test_logs import READERS

SAMPLE = Path(__file__).parents[2] / "data" / "validated_sample.json"
DATA = Path(os.environ.get("RUNOFF_DATA") or Path(__file__).parents[4] / "shared" / "data")
REFERENCE = DATA.parent / "reference" / "validated.json"
VALIDATED = json.loads((REFERENCE if REFERENCE.is_file() else SAMPLE).read_text())
OTHER_PINS = {"sphinx-doc__sphinx-7738", "pydata__xarray-6461", "pydata__xarray-6599"}
"""Validated with pins that another list stands in for; the tables' notes say why."""
NEVER_BUILT = {"astropy/astropy", "matplotlib/matplotlib", "scikit-learn/scikit-learn"}
ALL = [find_spec(repo, version) for repo in repositories() for version in known_versions(repo)]


def instances(*names):
    return pytest.mark.parametrize("name", names or sorted(VALIDATED))


def spec_of(name):
    return find_spec(VALIDATED[name]["repo"], VALIDATED[name]["version"])


@instances()
def test_a_validated_instance_gets_what_it_was_validated_with(name):
    row, spec = VALIDATED[name], spec_of(name)
    assert (spec.python, spec.test_command) == (row["python"], row["test_cmd"])
    added = spec.install.removeprefix(row["install_cmd"])
    assert not added or (spec.install.startswith(f"{row['install_cmd']} ") and spec.notes)
    assert spec.validated
    if name not in OTHER_PINS:
        missing, more = set(row["pip_specs"]) - set(spec.pins), set(spec.pins) - set(row["pip_specs"])
        assert not missing
        assert not more or any("list of pins" in note for note in spec.notes)
    if set(spec.pins) != set(row["pip_specs"]):
        assert spec.notes


@instances()
def test_pre_install_does_to_the_files_what_the_harness_s_does(name, tmp_path):
    row, spec = VALIDATED[name], spec_of(name)
    files = {
        "tox.ini": "[testenv]\ndeps = pytest\ncommands = python -m pytest\n",
        "setup.cfg": "install_requires =\n    attrs>=>=19.2.0\n",
        "setup.py": SETUP_PY.format(html="sphinxcontrib-htmlhelp", serializing="sphinxcontrib-serializinghtml"),
    }
    assert after(spec.pre_install, files, tmp_path / "a") == after(row["pre_install"], files, tmp_path / "b")
    assert bool(spec.pre_install) == bool(row["pre_install"])


SETUP_PY = """install_requires = [
    'sphinxcontrib-applehelp',
    'sphinxcontrib-devhelp',
    'sphinxcontrib-jsmath',
    '{html}',
    '{serializing}',
    'sphinxcontrib-qthelp',
    'Jinja2>=2.3',
    'Pygments>=2.0',
    'babel>=1.3',
    'alabaster>=0.7,<0.8',
    'packaging',
]
"""


def after(commands, files, folder):
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    for command in commands:
        subprocess.run(["bash", "-c", command], cwd=folder, check=True)
    return {name: (folder / name).read_text() for name in files}


def test_bounds_are_joined_to_those_that_later_sphinxes_have(tmp_path):
    text = SETUP_PY.format(html="sphinxcontrib-htmlhelp>=2.0.0", serializing="sphinxcontrib-serializinghtml>=1.1.5")
    files = {"tox.ini": "", "setup.py": text}
    changed = after(find_spec("sphinx-doc/sphinx", "4.2").pre_install, files, tmp_path / "a")["setup.py"]
    assert "'sphinxcontrib-htmlhelp>=2.0.0,<=2.0.4'," in changed
    assert "'sphinxcontrib-serializinghtml>=1.1.5,<=1.1.9'," in changed
    assert "'packaging', 'markupsafe<=2.0.1'," in changed
    assert "'sphinxcontrib-jsmath'," in changed


@pytest.mark.skipif(not REFERENCE.is_file(), reason="needs the reference of validated instances")
def test_the_validated_instances_share_few_environment_layers():
    assert len(VALIDATED) == 108
    assert len({layer_key(spec_of(name)) for name in VALIDATED}) == 21


def test_every_entry_of_every_table_is_whole():
    assert len(ALL) > 150
    for spec in ALL:
        assert spec.log_parser in READERS
        names = [pin.partition("==")[0].lower().replace("_", "-").replace(".", "-") for pin in spec.pins]
        doubled = {name for name in names if names.count(name) > 1}
        assert len(spec.pins) == len(set(spec.pins))
        assert doubled <= {"importlib-resources"}  # conda's and pip's spelling, both at one version
        assert spec.validated <= (spec.repo not in NEVER_BUILT)
        assert spec.complete or not spec.validated


def test_versions_that_share_an_entry_share_a_layer_and_others_do_not():
    assert layer_key(find_spec("django/django", "3.0")) == layer_key(find_spec("django/django", "3.2"))
    assert len({layer_key(find_spec("sympy/sympy", version)) for version in known_versions("sympy/sympy")}) == 1
    with_packages, without = find_spec("sphinx-doc/sphinx", "7.2"), find_spec("sphinx-doc/sphinx", "7.1")
    assert with_packages.pins == without.pins
    assert layer_key(with_packages) != layer_key(without)


def test_a_layer_s_key_depends_on_what_is_in_the_layer_alone():
    spec = find_spec("pallets/flask", "2.3")
    key = layer_key(spec)
    same = {"pins": spec.pins[::-1], "version": "9.9", "test_command": "true", "notes": ("x",), "install": "true"}
    assert {layer_key(spec.model_copy(update={field: value})) for field, value in same.items()} == {key}
    other = {"pins": spec.pins[1:], "python": "3.12", "system_packages": ("graphviz",), "complete": False}
    assert key not in {layer_key(spec.model_copy(update={field: value})) for field, value in other.items()}


def test_versions_are_numbers_and_not_text():
    versions = known_versions("sympy/sympy")
    assert versions.index("1.9") < versions.index("1.10")
    assert version_key("2022.03") > version_key("0.20")
    assert find_spec("psf/requests", "2.10").version == "2.10"


def test_no_locale_is_made_by_a_command_and_old_django_says_what_it_overrides():
    old = find_spec("django/django", "2.2")
    assert old.python == "3.6"
    assert any("3.5" in note for note in old.notes)
    assert find_spec("django/django", "3.1").environment["LC_ALL"] == "en_US.UTF-8"
    assert not any("locale-gen" in line for spec in ALL for line in spec.pre_install)


def test_requests_bring_the_server_that_their_tests_talk_to():
    (service,) = find_spec("psf/requests", "2.4").services
    assert service.hosts["httpbin.org"] == "127.0.0.1"
    assert any("httpbin:app" in line for line in service.start)
    assert "NET_ADMIN" in service.capabilities
    assert "iproute2" in find_spec("psf/requests", "2.4").system_packages


@pytest.mark.parametrize(
    ("repo", "version", "words"),
    [
        ("django/django", "9.9", ("1.7", "1.11", "5.2")),
        ("django/django", "3.0\n; rm -rf /", ("5.2",)),
        ("django/djang", "3.0", ("did you mean django/django?",)),
        ("nobody/nothing", "1", ("known are", "sympy/sympy")),
        ("../tables/django__django", "3.0", ("known are",)),
    ],
)
def test_what_is_not_known_is_said_in_one_line(repo, version, words):
    with pytest.raises(SpecError) as error:
        find_spec(repo, version)
    assert "\n" not in str(error.value)
    assert all(word in str(error.value) for word in words)


@pytest.mark.parametrize(
    "wrong",
    [
        {"pins": ("flask>=2",)},
        {"pins": ("flask==2; os_name == 'nt'",)},
        {"python": "2.7"},
        {"system_packages": ("a b",)},
        {"log_parser": "unittest"},
        {"install": "a\nb"},
        {"environment": {"lower": "x"}},
        {"color": "red"},
    ],
)
def test_a_spec_takes_nothing_inexact(wrong):
    good = find_spec("pallets/flask", "2.3").model_dump()
    assert ImageSpec(**good)
    with pytest.raises(ValidationError):
        ImageSpec(**{**good, **wrong})
