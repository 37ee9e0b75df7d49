"""Draws mutants of a package and keeps those that make a sound task, each rejection with its reason."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from environments.synthesis.cutting import CutError, TestFunction, cut, test_functions
from environments.synthesis.evidence.example import BugExample
from environments.synthesis.evidence.finding import find_example
from environments.synthesis.laboratory import Changes, Laboratory, failing, passing, short_hash
from environments.synthesis.operators import OPERATORS, changes, sites
from environments.synthesis.originals import holds_original
from environments.synthesis.recipe import Mutation, Recipe, StatementKind, cut_of, stamped
from environments.synthesis.statement import draw_template, render, reveals
from environments.workbench.suites.suite_run import SuiteRun

MAX_FAILING = 10
_MISSING = re.compile(r"No module named '(\w+)")


class Rejected(Exception):
    """A mutant, or a package, that makes no task; the message is the reason as it is counted."""

    def __init__(self, reason: str, missing: Sequence[str] = ()) -> None:
        """``missing``: modules without which the package's suite does not run."""
        super().__init__(reason)
        self.missing = missing


@dataclass
class Draw:
    """The mutants of one package in the order a seed draws them, and what became of each."""

    laboratory: Laboratory
    seed: str
    tried: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    symbols: set[tuple[str, str]] = field(default_factory=set)
    """(file, symbol) of accepted tasks: one task a function."""

    def __post_init__(self) -> None:
        """Run the original suite twice. Raises Rejected when it does not pass alike both times."""
        first, second = self.laboratory.suite({}), self.laboratory.suite({})
        if first.problem or failing(first) or not passing(first):
            missing = sorted(set(_MISSING.findall(first.output)))
            raise Rejected(f"the package's own suite does not pass: {_why(first, missing)}", missing)
        if first.outcomes != second.outcomes:
            raise Rejected("the package's own suite is flaky")
        self.baseline = first
        self.rng = random.Random(f"{self.seed}:{self.laboratory.package.name}=={self.laboratory.package.version}")
        self._mutations = _drawn(self.laboratory, self.rng)
        self._public = _public(self.laboratory)

    def next(self, kind: StatementKind, most: int) -> Recipe | None:
        """Return the next sound task of a kind; None when ``most`` mutants have been tried in all."""
        for mutation in self._mutations:
            if self.tried >= most:
                break
            self.tried += 1
            try:
                recipe = self._task(mutation, kind)
            except (Rejected, CutError) as reason:
                self.dropped[str(reason)] += 1
                continue
            self.symbols.add((mutation.file, mutation.symbol))
            return recipe
        return None

    def _task(self, mutation: Mutation, kind: StatementKind) -> Recipe:
        """Validate one mutant, cheapest checks first. Raises Rejected or CutError."""
        if (mutation.file, mutation.symbol) in self.symbols:
            raise Rejected("its function has a task already")
        source = self.laboratory.read(mutation.file)
        site = mutation.site_in(source)
        if not changes(source, site):
            raise Rejected("the source does not change or does not parse")
        mutated = {mutation.file: site.apply(source)}
        fails = self._failures(mutated)
        functions, cuts = self._cut(fails)
        tree = {**mutated, **cuts}
        self._assert_clean(tree, functions)
        if holds_original(self.laboratory.tree, tree, source, mutation.symbol):
            raise Rejected("the original function stands elsewhere in the tree")
        example = find_example(self.laboratory, mutated, functions, self._public)
        if example is None:
            raise Rejected("no example of its own shows the bug")
        return self._recipe(mutation, kind, fails, functions, example)

    def _failures(self, mutated: Changes) -> frozenset[str]:
        """Return FAIL_TO_PASS: the same one to ten tests in two runs, everything else as before."""
        first = self.laboratory.suite(mutated, stop_after=MAX_FAILING + 1)
        fails = _assert_failures(first, self.baseline)
        second = self.laboratory.suite(mutated)
        if second.outcomes != first.outcomes:
            raise Rejected("its failures differ from run to run")
        return fails

    def _cut(self, fails: frozenset[str]) -> tuple[list[TestFunction], dict[str, bytes]]:
        paths = {test.partition("::")[0] for test in fails}
        sources = {path: self.laboratory.read(path) for path in paths if path.endswith(".py")}
        functions = test_functions(fails, sources)
        return functions, {path: cut(sources[path], symbols) for path, symbols in cut_of(functions).items()}

    def _assert_clean(self, tree: Changes, functions: Sequence[TestFunction]) -> None:
        """The suite that stays must pass on the mutated tree and miss nothing but what was cut; twice."""
        gone = {test for test in self.baseline.outcomes if _is_of(test, functions)}
        first, second = self.laboratory.suite(tree), self.laboratory.suite(tree)
        if first.problem or first.outcomes != second.outcomes:
            raise Rejected("the suite without the cut tests is broken or flaky")
        kept = {test: outcome for test, outcome in self.baseline.outcomes.items() if test not in gone}
        names = {function.symbol.rsplit(".", 1)[-1] for function in functions}
        inherited = {test for test in set(kept) - set(first.outcomes) if _function_name(test) in names}
        if failing(first) or {test: kept[test] for test in kept if test not in inherited} != first.outcomes:
            raise Rejected("the suite without the cut tests does not pass")

    def _recipe(
        self,
        mutation: Mutation,
        kind: StatementKind,
        fails: frozenset[str],
        functions: Sequence[TestFunction],
        example: BugExample,
    ) -> Recipe:
        package = self.laboratory.package
        template = draw_template(kind, example, self.rng)
        statement = render(template, example, package.name, package.version)
        if reveals(statement, self._secrets(mutation, fails, functions)):
            raise Rejected("the statement would name a test or the fix")
        digest = short_hash(self.seed, package.sha256, mutation.model_dump_json())
        recipe = Recipe(
            instance_id=f"{package.name}-{package.version}__{digest}",
            package=package,
            mutation=mutation,
            seed=self.seed,
            kind=kind,
            evidence=example,
            template=template,
            statement=statement,
            cut=cut_of(list(functions)),
            fail_to_pass=tuple(sorted(fails)),
            pass_to_pass=tuple(sorted(passing(self.baseline) - fails)),
        )
        return stamped(recipe, self.laboratory.cache)

    def _secrets(self, mutation: Mutation, fails: frozenset[str], functions: Sequence[TestFunction]) -> Iterator[str]:
        """Yield what a statement must not hold: names of tests and their files, the right and the wrong line."""
        for function in functions:
            yield function.symbol.rsplit(".", 1)[-1]
            yield PurePosixPath(function.path).name
        source = self.laboratory.read(mutation.file)
        site = mutation.site_in(source)
        for text, start, end in ((source, site.start, site.end), (site.apply(source), site.start, site.start + 1)):
            line_start, line_end = text.rfind(b"\n", 0, start) + 1, text.find(b"\n", end)
            line = text[line_start : line_end if line_end >= 0 else len(text)].decode().strip()
            if len(line) > 8:
                yield line


def _assert_failures(run: SuiteRun, baseline: SuiteRun) -> frozenset[str]:
    if run.problem:
        raise Rejected("its suite ends in a timeout or crash")
    fails = failing(run)
    if not fails:
        raise Rejected("no test fails")
    if len(fails) > MAX_FAILING:
        raise Rejected(f"more than {MAX_FAILING} tests fail")
    if not fails <= passing(baseline):
        raise Rejected("a failing test did not pass before")
    others = {test: outcome for test, outcome in run.outcomes.items() if test not in fails}
    if others != {test: outcome for test, outcome in baseline.outcomes.items() if test not in fails}:
        raise Rejected("other tests change in more than failing")
    return fails


def _is_of(test: str, functions: Sequence[TestFunction]) -> bool:
    path, _, rest = test.partition("::")
    symbol = rest.split("[", 1)[0].replace("::", ".")
    return any(function.path == path and function.symbol == symbol for function in functions)


def _function_name(test: str) -> str:
    return test.split("[", 1)[0].rsplit("::", 1)[-1]


def _why(run: SuiteRun, missing: Sequence[str]) -> str:
    """Say what a suite lacks, or else how far it came."""
    if missing:
        return f"not installed: {', '.join(missing[:5])}"
    return run.problem or f"{len(failing(run))} of its tests fail, {len(passing(run))} pass"


def _drawn(laboratory: Laboratory, rng: random.Random) -> Iterator[Mutation]:
    """Yield mutations in the order of the draw: an operator drawn evenly, then one of its sites, none twice."""
    pools: dict[str, list[Mutation]] = {operator: [] for operator in OPERATORS}
    for file in laboratory.package.modules(laboratory.tree):
        source = laboratory.read(file)
        for operator, pool in pools.items():
            found = enumerate(sites(source, operator))
            pool += [Mutation(file=file, symbol=s.symbol, operator=operator, site=i) for i, s in found]
    for pool in pools.values():
        rng.shuffle(pool)
    while any(pools.values()):
        yield pools[rng.choice([operator for operator, pool in pools.items() if pool])].pop()


def _public(laboratory: Laboratory) -> frozenset[str]:
    """Return the top-level import names of the package."""
    return frozenset(PurePosixPath(source).name.removesuffix(".py") for source in laboratory.package.sources)
