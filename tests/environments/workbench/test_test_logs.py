"""The readers of test logs, quirk by quirk; `make acceptance-grader` holds them against the official packages."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.workbench.test_logs import PYTHON, READERS, Status, UnknownReaderError, reader

PASSED, FAILED, SKIPPED, ERROR, XFAIL = Status.PASSED, Status.FAILED, Status.SKIPPED, Status.ERROR, Status.XFAIL


@pytest.mark.parametrize("name", ["pytest", "pytest_options", "matplotlib", "pytest_v2"])
def test_a_summary_line_is_a_status_and_a_name(name):
    log = (
        "tests/a.py .F [100%]\nPASSED tests/a.py::one\nFAILED tests/a.py::two - assert 1 == 2\n"
        "ERROR tests/b.py::three\nXFAIL tests/a.py::four\nSKIPPED [3] tests/a.py:7: no network\nPASSED\n"
    )
    assert READERS[name](log) == {
        "tests/a.py::one": PASSED,
        "tests/a.py::two": FAILED,
        "tests/b.py::three": ERROR,
        "tests/a.py::four": XFAIL,
    }


@pytest.mark.parametrize("name", sorted(PYTHON))
def test_a_word_that_only_begins_like_a_status_hides_no_failure(name):
    log = "FAILED tests/a.py::one\nPASSEDX tests/a.py::one\ntests/a.py::one NOTPASSED\n"
    assert set(READERS[name](log).values()) == (set() if name in ("django", "sympy") else {FAILED})


@pytest.mark.parametrize("name", sorted(PYTHON))
def test_the_last_word_about_a_test_counts(name):
    lines = {
        "django": ("one (t.T) ... ok", "one (t.T) ... FAIL"),
        "sympy": ("test_one ok", "test_one F"),
    }.get(name, ("PASSED tests/a.py::one", "FAILED tests/a.py::one"))
    assert set(READERS[name]("\n".join(lines)).values()) == {FAILED}


def test_plain_pytest_cuts_a_name_at_a_blank_and_keeps_the_wrapped_progress_line():
    assert READERS["pytest"]("PASSED tests/a.py::one[a b]\nPASSED [100%]\n") == {
        "tests/a.py::one[a": PASSED,
        "[100%]": PASSED,
    }


@pytest.mark.parametrize(
    "option, kept",
    [("/tmp/x/y.txt", "/y.txt"), ("//host/y", "//host/y"), ("/a/*/b", "/a/*/b"), ("a/b", "a/b"), ("/", "/")],
)
def test_a_path_among_the_parameters_is_cut_to_its_last_part(option, kept):
    assert READERS["pytest_options"](f"PASSED t.py::one[{option}]") == {f"t.py::one[{kept}]": PASSED}


def test_mouse_buttons_are_numbers():
    log = "PASSED t.py::one[MouseButton.LEFT]\nFAILED t.py::one[MouseButton.RIGHT] - x"
    assert READERS["matplotlib"](log) == {"t.py::one[1]": PASSED, "t.py::one[3]": FAILED}


def test_the_later_pytest_reader_keeps_blanks_drops_colour_and_messages_and_reads_old_lines():
    log = (
        "\x1b[32mPASSED\x1b[0m t.py::one[a b]\n\x1b[31mFAILED\x1b[0m t.py::\x1b[1mtwo[x y]\x1b[0m - E: a - b\n"
        "t.py::old[p q] PASSED\nt.py::older FAILED\nt.py::spaced PASSED \nFAILED  - only a message\n"
    )
    assert READERS["pytest_v2"](log) == {
        "t.py::one[a b]": PASSED,
        "t.py::two[x y]": FAILED,
        "t.py::old[p q]": PASSED,
        "t.py::older": FAILED,
    }


def test_seaborn_knows_two_sides_and_no_skips():
    log = (
        "PASSED t.py::one\nt.py::two PASSED [ 10%]\nFAILED t.py::three - x\nSKIPPED t.py::four\nERROR t.py::five\n"
        "a word PASSED by\n"
    )
    assert READERS["seaborn"](log) == {"t.py::one": PASSED, "t.py::two": PASSED, "t.py::three": FAILED}


def test_django_in_all_its_forms():
    log = (
        "test_a (m.T) ... ok\ntest_b (m.T) ...  OK\n  test_c (m.T) ... skipped 'no db'\ntest_d (m.T) ... FAIL\n"
        "test_e (m.T) ... ERROR\ntest_f (m.T) ... expected failure\n======\nFAIL: test_g (m.T)\nERROR: test_h (m.T)\n"
        "FAIL:\nSome docs ... of two lines\ntest_i (m.T)\nA docstring ... noise\nok\n"
        "--version is equivalent to version\n"
        "Applying sites.0002_alter_domain_unique...test_no_migrations (m.T) ... ok\n"
    )
    assert READERS["django"](log) == {
        "test_a (m.T)": PASSED,
        "test_b (m.T)": PASSED,
        "test_c (m.T)": SKIPPED,
        "test_d (m.T)": FAILED,
        "test_e (m.T)": ERROR,
        "test_g": FAILED,
        "test_h": ERROR,
        "A docstring": PASSED,
        "--version is equivalent to version": PASSED,
        "test_no_migrations (m.T)": PASSED,
    }


def test_django_tests_that_other_output_interrupts_have_passed():
    log = (
        "test_a (m.T) ... Testing against Django installed in '/x'\nSynchronizing ... done\n(0 silenced).\nok\n"
        "test_b (m.T) ... Internal Server Error: /some/page/\nok\n"
        "test_c (m.T) ... System check identified no issues (0 silenced)\nok\n"
        "test_d (m.T) ... System check identified no issues (0 silenced)\nFAIL\n"
    )
    names = ["Synchronizing", *(f"test_{x} (m.T)" for x in "abc")]
    assert READERS["django"](log) == dict.fromkeys(names, PASSED)


SERVER_ERROR = r"^(.*?)\s\.\.\.\sInternal\ Server\ Error:\ \/(.*)\/\nok$"


@given(
    st.lists(st.sampled_from(["a", " ... ", "Internal Server Error: /", "/", "\n", "ok", "\nok\n", "/\nok\n"])).map(
        "".join
    )
)
def test_a_django_server_error_is_what_the_official_pattern_finds(log):
    official = {match[1] for match in re.finditer(SERVER_ERROR, log, re.MULTILINE)}
    assert official <= set(READERS["django"](log))


def test_sympy_names_failures_twice():
    log = (
        "sympy/core/tests/test_x.py[3]\ntest_a ok\n  test_b F\ntest_c E\ntest_d f\n"
        "________ sympy/core/tests/test_x.py:test_b ________\n"
    )
    assert READERS["sympy"](log) == {
        "sympy/core/tests/test_x.py:test_b": FAILED,
        "test_a": PASSED,
        "test_b": FAILED,
        "test_c": ERROR,
    }


@given(
    st.text(alphabet="_ .py:\nab\r", max_size=60)
    | st.lists(st.sampled_from([" ", ".py:", "_", "a", "\n"])).map("".join)
)
def test_the_title_of_a_sympy_failure_is_what_the_official_pattern_finds(log):
    official = {f"{name}.py:{test}" for _, name, test, _ in re.findall(r"(_*) (.*)\.py:(.*) (_*)", log)}
    assert set(READERS["sympy"](log)) == official


@pytest.mark.parametrize("name", sorted(READERS))
def test_hostile_lines_keep_no_reader_busy(name):
    pieces = (" ... Testing against Django installed in ", " ... Internal Server Error: /", " ... ", "\x1b[1m", "[[[")
    for piece in (*pieces, " a.py:", "_ ", "PASSED [", "PASSED a[/"):
        for log in (piece * 40_000, f"{piece}\n" * 40_000, "PASSED " + piece.replace(" ", "") * 40_000):
            assert set(READERS[name](log).values()) <= set(Status)


@given(st.sampled_from(sorted(READERS)), st.text(max_size=200))
def test_any_text_can_be_read(name, log):
    assert set(READERS[name](log).values()) <= set(Status)


def test_a_reader_is_found_by_either_name():
    assert reader("pytest_v2") is reader("parse_log_sphinx") is READERS["pytest_v2"]
    with pytest.raises(UnknownReaderError, match="did you mean django"):
        reader("parse_log_djang")
    with pytest.raises(UnknownReaderError, match="known are pytest"):
        reader("parse_log_p5js")
