"""Made logs of the runners of other languages than Python, and made rows to go with them: none was ever run here."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from environments.workbench.test_logs import Status

Did = Mapping[str, Status]

ROWS = 10
"""Made rows for each reader."""

_TITLES = (
    "adds two numbers", "issue-4.E", "reads [a, b] (twice)", "is 5 ms late", "works: really", "a - passed by",
    "x = y. = F", "--- PASS", "says ... ok", "  leads and trails ", "ünïcödé ✓", "in a/b.tcl", "<b> & 'c' \"d\"",
)  # fmt: skip


@dataclass(frozen=True)
class Runner:
    """Whose logs a reader reads."""

    instance_id: str
    """Of a repository whose rows ask for it."""
    write: Callable[[Did, random.Random], str]
    words: bool = True
    """Whether a test's name may hold blanks."""
    suites: bool = False
    """Whether a test's name is ``suite > test``."""

    @property
    def repo(self) -> str:
        """``owner/name``, as the harness knows it."""
        return self.instance_id.rpartition("-")[0].replace("__", "/")


def made_names(reader: str, number: int, seed: int) -> tuple[list[str], list[str]]:
    """Return a made row's tests: those that fail at first, and those that pass."""
    runner, draw = RUNNERS[reader], random.Random(f"{seed} {reader} {number}")
    names = [f"{title} {n}" for n, title in enumerate(draw.sample(_TITLES, 8))]
    if not runner.words:
        names = ["".join(name.split()) for name in names]
    if runner.suites:
        names = [f"Suite{n % 3} > {name.strip()}" for n, name in enumerate(names)]
    return names[:2], names[2:]


def _one_line(**forms: str) -> Callable[[Did, random.Random], str]:
    """Return a writer of a line for each test; a status without a form is written as no reader reads it."""

    def write(did: Did, draw: random.Random) -> str:
        lines = []
        for number, (name, status) in enumerate(_shuffled(did, draw), 1):
            form = forms.get(status.value, "not a line of any test, {name}")
            lines.append(draw.choice(form.split("|")).format(name=name, number=number, ms=draw.randint(0, 900)))
        return "\n".join(["running 5 tests", *lines, "3 passing"])

    return write


def _maven(did: Did, draw: random.Random) -> str:
    lines = []
    for name, status in _shuffled(did, draw):
        told = f"[INFO] BUILD {'SUCCESS' if status is Status.PASSED else 'FAILURE'}"
        trace = f"+ mvnd test -B -pl gson -Dtest={name} -q"
        lines += draw.choice([[trace, "[INFO] Tests run: 1", told], [trace, told], [told, trace]])
    return "\n".join(lines)


def _gradle(did: Did, draw: random.Random) -> str:
    lines = ["> Task :test"]
    for name, status in _shuffled(did, draw):
        word = {Status.PASSED: "PASSED", Status.SKIPPED: "SKIPPED"}.get(status, "FAILED")
        lines += draw.choice([[f"    {name} {word}"], [name, "WARNING: something", word]])
    return "\n".join(lines)


def _phpunit(did: Did, draw: random.Random) -> str:
    marks = {Status.PASSED: "✔", Status.SKIPPED: "↩"}
    lines = ["PHPUnit 10.5 by Sebastian Bergmann and contributors."]
    for suite, tests in _by_suite(did).items():
        lines.append(f"{suite} (Tests\\{suite})")
        lines += [f" {marks.get(status, '✘')} {name}" for name, status in _shuffled(tests, draw)]
    return "\n".join(lines)


def _karma(did: Did, draw: random.Random) -> str:
    lines = ["\x1b[32mINFO: Starting browser ChromeHeadless"]
    for suite, tests in _by_suite(did).items():
        lines.append(f"  {suite}")
        lines += [f"    {'✔' if status is Status.PASSED else '✖'} {name}" for name, status in _shuffled(tests, draw)]
        lines.append(" ")
    return "\n".join([*lines, "SUMMARY:", "✔ 3 tests completed"])


def _doctest(did: Did, draw: random.Random) -> str:
    lines = ['<?xml version="1.0"?>', '<doctest binary="t">', "<TestSuite>"]
    for suite, tests in _by_suite(did).items():
        lines.append(f"<TestCase name={quoteattr(suite)}>")
        for name, status in _shuffled(tests, draw):
            good = f'<Expression success="{str(status is Status.PASSED).lower()}"></Expression>'
            inner = f'<SubCase name="inner">{good}</SubCase>' if draw.random() < 0.3 else good
            lines.append(f'<SubCase name={quoteattr(name)}><Expression success="true"/>{inner}</SubCase>')
        lines.append("</TestCase>")
    return "\n".join([*lines, "</TestSuite>", "</doctest>"])


def _by_suite(did: Did) -> dict[str, dict[str, Status]]:
    suites: dict[str, dict[str, Status]] = {}
    for name, status in did.items():
        suite, _, test = name.partition(" > ")
        suites.setdefault(suite, {})[test] = status
    return suites


def _shuffled(did: Did, draw: random.Random) -> list[tuple[str, Status]]:
    items = list(did.items())
    draw.shuffle(items)
    return items


RUNNERS: Mapping[str, Runner] = {
    "redis": Runner(
        "redis__redis-9733",
        _one_line(
            PASSED="[ok]: {name} ({ms} ms)|[ok]: {name}",
            FAILED="[err]: {name} in tests/unit/x.tcl",
            SKIPPED="[skip]: {name}|[ignore]: {name}",
        ),
    ),
    "jq": Runner("jqlang__jq-2650", _one_line(PASSED="PASS: {name}", FAILED="FAIL: {name}")),
    "micropython_test": Runner(
        "micropython__micropython-15898",
        _one_line(PASSED="pass  {name}", FAILED="FAIL  {name}", SKIPPED="skip  {name}"),
    ),
    "googletest": Runner(
        "fmtlib__fmt-3863",
        _one_line(PASSED="1: [       OK ] {name} ({ms} ms)", FAILED="[  FAILED  ] {name} (3 ms)|[  FAILED  ] {name}"),
    ),
    "gotest": Runner(
        "caddyserver__caddy-6051",
        _one_line(
            PASSED="--- PASS: {name} (0.00s)|    --- PASS: {name} (0.{ms}s)",
            FAILED="--- FAIL: {name} (1.20s)",
            SKIPPED="--- SKIP: {name} (0.00s)",
        ),
    ),
    "ant": Runner(
        "projectlombok__lombok-3674",
        _one_line(PASSED="    [junit] [PASS] {name}", FAILED="    [junit] [FAIL] {name}|    [junit] [ERR] {name}"),
    ),
    "minitest": Runner(
        "jekyll__jekyll-8047", _one_line(PASSED="{name}. = 0.01 s = .", FAILED="{name}. = 0.{ms} s = F")
    ),
    "cucumber": Runner("jekyll__jekyll-8761", _one_line(PASSED="{name} .....|{name} ..", FAILED="{name} ...F")),
    "ruby_unit": Runner(
        "faker-ruby__faker-2970",
        _one_line(
            PASSED="  test: {name}:\t.: (0.01)|{name}:   .:",
            FAILED="  test: {name}:\tF|{name}: E",
            SKIPPED="  test: {name}:\tO",
        ),
    ),
    "rspec_transformed_json": Runner(
        "rubocop__rubocop-13705", _one_line(PASSED="{name} - passed", FAILED="{name} - failed")
    ),
    "cargo": Runner(
        "sharkdp__bat-562",
        _one_line(PASSED="test {name} ... ok", FAILED="test {name} ... FAILED", SKIPPED="test {name} ... ignored"),
        words=False,
    ),
    "jest": Runner(
        "babel__babel-13928",
        _one_line(PASSED="    ✓ {name} ({ms} ms)|  ✓ {name}", FAILED="    ✕ {name} (3 ms)", SKIPPED="○ skipped {name}"),
    ),
    "jest_json": Runner(
        "immutable-js__immutable-js-2005", _one_line(PASSED="[PASSED] {name}", FAILED="[FAILED] {name}")
    ),
    "vitest": Runner(
        "vuejs__core-11589",
        _one_line(
            PASSED=" ✓ {name} {ms}ms| ✓ {name}",
            FAILED=" \N{MULTIPLICATION SIGN} {name} 3ms",
            SKIPPED=" ↓ {name} [skipped]",
        ),
    ),
    "tap": Runner("axios__axios-4731", _one_line(PASSED="ok {number} {name}", FAILED="not ok {number} {name}")),
    "maven": Runner("google__gson-2024", _maven, words=False),
    "gradle_custom": Runner("apache__lucene-12022", _gradle, words=False, suites=True),
    "phpunit": Runner("laravel__framework-51890", _phpunit, suites=True),
    "karma": Runner("preactjs__preact-2757", _karma, suites=True),
    "doctest": Runner("nlohmann__json-4237", _doctest, suites=True),
}
"""Reader -> whose logs it reads."""
