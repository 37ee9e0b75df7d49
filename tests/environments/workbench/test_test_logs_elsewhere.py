"""Readers of other languages' test logs; `make acceptance-grader` holds them against the official packages."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.workbench.test_logs import (
    PYTHON,
    READERS,
    Status,
    UnknownReaderError,
    is_pythons,
    reader,
    reader_name,
)

P, F, S = Status.PASSED, Status.FAILED, Status.SKIPPED
CROSS = "\N{MULTIPLICATION SIGN}"

LOGS = {
    "redis": (
        "[ok]: a b (12 ms)\n[ok]: c (x)\n[err]: d in tests/unit/e.tcl\n[skip]: f\n[ignore]: g\n[what]: h",
        {"a b": P, "c (x)": P, "d": F, "f": S, "g": S},
    ),
    "jq": ("  PASS: tests/a\nFAIL: tests/b\nXPASS: c\n# PASS: 3", {"tests/a": P, "tests/b": F}),
    "micropython_test": ("pass  a.py\nFAIL  b.py\nskip  c.py\n3 tests passed", {"a.py": P, "b.py": F, "c.py": S}),
    "googletest": (
        "1: [ RUN      ] a.b\n1: [       OK ] a.b (0 ms)\n[  FAILED  ] a.c (x) (3 ms)\n[  FAILED  ] a.d, listed",
        {"a.b": P, "a.c (x)": F},
    ),
    "gotest": (
        "=== RUN   TestA\n--- PASS: TestA (0.00s)\n    --- FAIL: TestB/of (c) (0.1s)\n--- SKIP: TestD (0s)\nok  \tp",
        {"TestA": P, "TestB/of (c)": F, "TestD": S},
    ),
    "ant": (
        "    [junit] [PASS] a\n[junit] [FAIL] b\n[junit] [ERR] c d\n[junit] Tests run: 3",
        {"a": P, "b": F, "c d": F},
    ),
    "minitest": (
        "A#test_x. = 0.01 s = .\nA#test_y. = 0.02 s = F\nA#test_z. = 1 s = E\nB. c. = 0 s = S",
        {"A#test_x": P, "A#test_y": F, "A#test_z": F},
    ),
    "cucumber": ("features/a.feature ......\nb c ..F.\n3 scenarios", {"features/a.feature": P, "b c": F}),
    "ruby_unit": (
        "  test: a b:\t.: (0.001)\n  c:   F\n===\nd:\tE\ne:  O\nf:  Else",
        {"a b": P, "c": F, "d": F, "e": S},
    ),
    "rspec_transformed_json": ("A b - passed\nA - c - failed\nd - pending", {"A b": P, "A - c": F}),
    "cargo": ("running 3 tests\ntest a::b ... ok\ntest c ... FAILED\ntest d ... ignored", {"a::b": P, "c": F}),
    "jest": (
        "PASS a.js\n  ✓ a b (5 ms)\n    ✕ c\n  ○ skipped d\n  ✓  e  (1 s)",
        {"a b": P, "c": F, "skipped d": S, "e": P},
    ),
    "jest_json": ("[PASSED] a b\n[FAILED] c\n[OTHER] d", {"a b": P, "c": F}),
    "vitest": (
        f" ✓ a.ts > b 5ms\n {CROSS} c > d\n ↓ e [skipped]\n ✓ f > it takes 5 minutes",
        {"a.ts > b": P, "c > d": F, "e": S, "f > it takes 5 minutes": P},
    ),
    "tap": ("TAP version 13\nok 1 a - b\n  not ok 2 c\n# tests 2", {"a - b": P, "c": F}),
    "maven": (
        "+ mvn test -Dtest=A#x -q\n[INFO] BUILD SUCCESS\n+ mvn test -Dtest=A#y\n+ mvn test -Dtest=B\n"
        "[INFO] BUILD FAILURE\n[INFO] BUILD SUCCESS\n+ mvn test -Dtest=C",
        {"A#x": P, "A#y": F, "B": P},
    ),
    "gradle_custom": (
        "> Task :a:test PASSED\n  A > x PASSED\nA > y FAILED\nA > z\nWARNING: no such flag\nPASSED\nFAILED",
        {"A > x": P, "A > y": F, "A > z": P},
    ),
    "phpunit": (
        "A b (Tests\\AB)\n ✔ x\n ✘ y\nCd (Tests\\Cd)\n ↩ x\n   │ why",
        {"A b > x": P, "A b > y": F, "Cd > x": S},
    ),
    "karma": (
        "  ✔ too early\nStarting browser Chrome\n  A\n    b\n      ✔ x\n      ✖ y\nSUMMARY:\n  ✔ z",
        {"A > b > x": P, "A > b > y": F},
    ),
    "doctest": (
        '<?xml?><doctest><TestCase name="A"><SubCase name="x"><Expression success="true"/></SubCase>'
        '<SubCase name="y"><SubCase name="z"><Expression success="false"/></SubCase></SubCase>'
        '<SubCase name="x"><Expression success="true"/></SubCase></TestCase></doctest>',
        {"A > x": P, "A > y": F, "A > z": F},
    ),
}


@pytest.mark.parametrize("name", sorted(READERS.keys() - PYTHON.keys()))
def test_a_log_tells_what_each_test_did(name):
    log, statuses = LOGS[name]
    assert reader(f"parse_log_{name}")(log) == statuses


def test_maven_results_that_come_before_their_tests_are_matched_in_order():
    log = "[INFO] BUILD FAILURE\n+ mvn -Dtest=A\n[INFO] BUILD SUCCESS\n+ mvn -Dtest=B\n"
    assert READERS["maven"](log) == {"A": P, "B": F}


def test_a_test_that_is_told_twice_is_what_it_was_told_to_be_at_last():
    again = '<SubCase name="x"><Expression success="{}"/></SubCase>'
    log = f'<doctest><TestCase name="A">{again.format("true")}{again.format("false")}</TestCase></doctest>'
    assert READERS["doctest"](log) == {"A > x": F}
    assert READERS["gotest"]("--- FAIL: A (0s)\n--- PASS: A (0s)") == {"A": P}


@pytest.mark.parametrize("log", ["<doctest>", "<doctest><TestCase></doctest>", "<doctest>&x;</doctest>", "</doctest>"])
def test_what_is_no_xml_tells_of_no_test(log):
    assert READERS["doctest"](log) == {}


LONG = "a" * 100_000


@pytest.mark.parametrize(
    ("name", "log"),
    [
        ("phpunit", f"{LONG} (S)\n" + "".join(f" ✔ {n}\n" for n in range(1000))),
        ("karma", f"Starting browser\n  {LONG}\n" + "".join(f"    ✔ {n}\n" for n in range(1000))),
        (
            "doctest",
            f'<doctest><TestCase name="{LONG}">'
            + "".join(f'<SubCase name="{n}"></SubCase>' for n in range(1000))
            + "</TestCase></doctest>",
        ),
    ],
)
def test_a_short_log_does_not_fill_the_memory_with_its_suites_names(name, log):
    assert READERS[name](log) == {}
    assert len(READERS[name](log.replace(LONG, "ab"))) == 1000


# As a pattern the two would be tried anew from every place of a hostile line; these are the official ones.
GOOGLETEST = r"^.*\[\s*(OK|FAILED)\s*\]\s(.*)\s\(.*\)$"
MINITEST = r"^(.+)\. .*=.*(\.|F|E).*$"


@given(st.lists(st.sampled_from(["[ OK ]", "[  FAILED  ]", "[", " ", " (", ")", "a"]), max_size=12).map("".join))
def test_googletests_marks_are_what_the_official_pattern_finds(line):
    match = re.match(GOOGLETEST, line.strip())
    assert READERS["googletest"](line) == ({match[2]: P if match[1] == "OK" else F} if match else {})


@given(st.lists(st.sampled_from([". ", "=", ".", "F", "E", " ", "a"]), max_size=12).map("".join))
def test_minitests_outcomes_are_what_the_official_pattern_finds(line):
    match = re.match(MINITEST, line.strip())
    assert READERS["minitest"](line) == ({match[1]: P if match[2] == "." else F} if match else {})


HOSTILE = (
    "[ OK ] ", "( [ OK ] ", " in", "in ", " (", "()", ". ", ". =", "= . ", " .", ": ", " - passe", " (5 ms", " 5",
    "-Dtest=", "BUILD ", " > ", " PASSED ", "[ ", "✔ ", "not ok ", "\t", "<TestCase><SubCase>",
)  # fmt: skip
STARTS = ("", "[err]: a", "--- PASS: ", "a (b", "✓ a", "test a", "Starting browser\n", "<doctest>", "[junit]", "pass")


@pytest.mark.parametrize("name", sorted(READERS.keys() - PYTHON.keys()))
def test_hostile_lines_keep_no_reader_busy(name):
    for start in STARTS:
        for piece in HOSTILE:
            for end in ("x", ")"):
                assert set(READERS[name](start + piece * 20_000 + end).values()) <= set(Status)


def test_an_instance_of_a_repository_that_changed_its_runner_has_the_one_it_had():
    assert reader_name("parse_log_jekyll", "jekyll__jekyll-8771") == "cucumber"
    assert reader_name("parse_log_jekyll", "jekyll__jekyll-9141") == "minitest"
    assert reader_name("parse_log_gotest", "gin-gonic__gin-1805") == "parse_log_gotest"
    with pytest.raises(UnknownReaderError, match="jekyll"):
        reader(reader_name("parse_log_jekyll", "jekyll__jekyll-1"))


def test_pythons_runners_are_known_by_any_name():
    names = ("parse_log_astropy", "django", "parse_log_gotest", "parse_log_p5js")
    assert [is_pythons(name) for name in names] == [True, True, False, False]
