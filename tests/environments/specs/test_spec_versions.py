import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.specs import VersionError, find_spec, infer_version, repositories


def infer(repo, files):
    asked = []

    def read(path):
        asked.append(path)
        text = files.get(path)
        return text.encode() if isinstance(text, str) else text

    found = infer_version(repo, read)
    assert found.source in asked
    assert find_spec(repo, found.version)
    return found


@pytest.mark.parametrize(
    ("repo", "path", "text", "version"),
    [
        ("django/django", "django/__init__.py", "VERSION = (3, 1, 0, 'alpha', 0)\n__version__ = get(VERSION)\n", "3.1"),
        ("django/django", "django/__init__.py", "VERSION = (1, 10, 0, 'alpha', 0)\n", "1.10"),
        ("sympy/sympy", "sympy/release.py", '__version__ = "1.10.dev"\n', "1.10"),
        ("sympy/sympy", "sympy/release.py", '__version__ = "1.1.2.dev"\n', "1.1"),
        ("sympy/sympy", "sympy/__init__.py", "__version__ = '0.7.6'\n", "0.7"),
        ("sphinx-doc/sphinx", "sphinx/__init__.py", "__version__ = '3.5.0+'\n__released__ = '3.5.0'\n", "3.5"),
        ("sphinx-doc/sphinx", "sphinx/__init__.py", "__version__: Final = '8.1.0'\r\n", "8.1"),
        ("pallets/flask", "src/flask/__init__.py", 'from . import json\n\n__version__ = "2.3.0.dev"\n', "2.3"),
        ("pallets/flask", "pyproject.toml", '[project]\nname = "Flask"\nversion = "3.1.0.dev"\n', "3.1"),
        ("psf/requests", "requests/__init__.py", "__title__ = 'requests'\n__version__ = '2.3.0'\n", "2.3"),
        ("psf/requests", "requests/__version__.py", "__version__ = '2.27.1'\n", "2.27"),
        ("mwaskom/seaborn", "seaborn/__init__.py", '__version__ = "0.12.0.dev0"\n', "0.12"),
        ("pylint-dev/pylint", "pylint/__pkginfo__.py", '__version__ = "2.14.0-dev0"\n', "2.14"),
        ("pylint-dev/pylint", "pylint/__pkginfo__.py", "numversion = (2, 8, 0)\nversion = join(numversion)\n", "2.8"),
        ("scikit-learn/scikit-learn", "sklearn/__init__.py", "__version__ = '0.21.dev0'\n", "0.21"),
        ("astropy/astropy", "setup.py", "VERSION = '3.1.dev'\n", "3.1"),
        ("astropy/astropy", "setup.cfg", "[metadata]\nversion = 4.2.dev\n", "4.2"),
    ],
)
def test_a_file_of_the_code_states_the_version(repo, path, text, version):
    found = infer(repo, {path: text})
    assert (found.version, found.source, found.certainty) == (version, path, "stated")


def test_what_a_docstring_shows_is_not_the_version():
    text = '"""Like so:\n\n__version__ = "9.9"\n"""\n__version__ = "1.5.dev"\n'
    assert infer("sympy/sympy", {"sympy/release.py": text}).version == "1.5"


def test_the_first_place_that_tells_counts():
    files = {"src/flask/__init__.py": '__version__ = "2.0.1"\n', "pyproject.toml": 'version = "3.0"\n'}
    assert infer("pallets/flask", files).version == "2.0"
    assert infer("pallets/flask", {**files, "src/flask/__init__.py": "# moved\n"}).version == "3.0"


@pytest.mark.parametrize(
    ("path", "text", "documentation", "version"),
    [
        ("CHANGELOG.rst", "Changelog\n\npytest 4.4.1 (2019-04-15)\n======\n\npytest 4.4.0 (2019-03-29)\n", "", "4.4"),
        ("CHANGELOG.rst", "pytest 5.1.1 (2019-08-20)\n\npytest 5.0.0 (2019-06-28)\n", ".. deprecated:: 6.0\n", "5.1"),
        ("doc/en/changelog.rst", "pytest 6.0.0rc1 (2020-07-08)\n\npytest 5.4.3 (2020-06-02)\n", "", "6.0"),
        ("doc/en/changelog.rst", "pytest 6.2.2 (2021-01-25)\n", ".. deprecated:: 6.0\n", "6.3"),
        ("doc/en/changelog.rst", "pytest 6.2.4 (2021-05-04)\n", "    .. versionadded:: 7.0\n", "7.0"),
        ("doc/en/changelog.rst", "pytest 7.1.2 (2022-04-23)\n", "", "7.2"),
        ("doc/en/changelog.rst", "pytest 7.4.0 (2023-06-23)\n", ".. deprecated:: 8.0\n.. deprecated:: 99.0\n", "8.0"),
    ],
)
def test_pytest_is_the_release_that_its_main_branch_works_on(path, text, documentation, version):
    found = infer("pytest-dev/pytest", {path: text, "doc/en/deprecations.rst": documentation})
    assert (found.version, found.source, found.certainty) == (version, path, "derived")


def test_pytest_s_stub_of_a_changelog_is_passed_over():
    stub = ".. include:: ../../CHANGELOG.rst\n"
    files = {"doc/en/changelog.rst": stub, "CHANGELOG.rst": "pytest 5.2.2 (2019-10-24)\n"}
    assert infer("pytest-dev/pytest", files).source == "CHANGELOG.rst"


@pytest.mark.parametrize(
    ("text", "version", "certainty"),
    [
        ("v0.15.2 (unreleased)\n----\n\nv0.15.1 (23 Mar 2020)\n", "0.12", "nearest"),
        ("v0.12.2 (unreleased)\n\nv0.12.1 (4 April 2019)\n", "0.12", "derived"),
        ("v2022.05.0 (unreleased)\n\nv2022.03.0 (2 March 2022)\n", "2022.03", "derived"),
        ("v2022.12.1 (unreleased)\n\nv2022.12.0 (2022 Dec 2)\n", "2022.09", "nearest"),
        ("v0.9.0 (unreleased)\n", "0.12", "nearest"),
    ],
)
def test_xarray_goes_by_its_last_release_and_the_rows_spelling(text, version, certainty):
    found = infer("pydata/xarray", {"doc/whats-new.rst": "What's New\n==========\n\n" + text})
    assert (found.version, found.certainty) == (version, certainty)


def test_matplotlib_goes_by_the_notes_that_were_laid_aside():
    old = "doc/users/prev_whats_new/whats_new_3.0.rst"
    newer = "doc/users/prev_whats_new/whats_new_3.5.0.rst"
    assert infer("matplotlib/matplotlib", {old: "", newer: ""}).version == "3.5"
    assert infer("matplotlib/matplotlib", {old: ""}).version == "3.0"


def test_a_version_that_no_row_has_takes_the_nearest_older_one_and_says_so():
    found = infer("django/django", {"django/__init__.py": "VERSION = (6, 0, 0, 'alpha', 0)\n"})
    assert (found.version, found.stated, found.certainty) == ("5.2", "6, 0", "nearest")
    assert infer("astropy/astropy", {"setup.cfg": "version = 5.3.dev\n"}).version == "v5.3"


@pytest.mark.parametrize("repo", [*repositories(), "nobody/nothing", "a\nb"])
def test_a_tree_that_does_not_tell_is_an_error_of_one_line(repo):
    with pytest.raises(VersionError) as error:
        infer_version(repo, {"django/__init__.py": b"VERSION = get()\n"}.get)
    assert "\n" not in str(error.value)
    assert "`version`" in str(error.value)


STARTS = [b"", b"__version__ = '1.", b"VERSION = (", b"v1."]


@given(st.sampled_from(repositories()), st.binary(max_size=300), st.sampled_from(STARTS))
def test_hostile_files_give_a_version_or_a_line(repo, noise, start):
    found = version_or_line(repo, start + noise)
    if isinstance(found, VersionError):
        assert "\n" not in str(found)
    else:
        assert find_spec(repo, found.version)
        assert found.stated.isprintable()


def version_or_line(repo, content):
    try:
        return infer_version(repo, lambda path: content)
    except VersionError as error:
        return error


LONG = [b"__version__ " + b" " * 2_000_000, b"(" * 2_000_000, b".. " * 700_000, b"\n" * 2_000_000]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("line", LONG, ids=range(len(LONG)))
def test_no_line_keeps_a_pattern_busy(line):
    for repo in repositories():
        if repo != "matplotlib/matplotlib":
            with pytest.raises(VersionError):
                infer_version(repo, lambda path: line)
