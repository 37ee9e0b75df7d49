"""``runoff fix`` on five checkouts of real packages with a failing test and nothing else to go by.

The packages are sdists that the starter subset does not hold; a bug is injected into each, and all is drawn by a seed,
and kept in a file, before a model is asked. What is handed over must apply, pass the test and break nothing; or Runoff
abstains.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import tempfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from acceptance.checkouts import kept
from acceptance.checkouts.fix import git, said, state_of
from acceptance.commands import run, runoff
from acceptance.record import MEASUREMENTS, Record, recording
from environments.synthesis.catalogue import find
from environments.synthesis.laboratory import Laboratory, passing
from environments.synthesis.recipe import Recipe, StatementKind
from environments.synthesis.report import SynthReport, mutate_package
from environments.synthesis.sdists import SdistError, unpack
from environments.workbench.python_env import PythonEnvironmentError
from swebench_runs.checkouts.project_environment import infer
from swebench_runs.errors import UsageError
from swebench_runs.run_folder.computer import versions
from swebench_runs.run_folder.files import write_whole

SEED = 15
WANTED = 5
LIMIT = 1500.0
SUITE_SECONDS = 240.0
BUDGET = ("-c", "limits.task.seconds=300")
PACKAGES = (
    "boltons==26.2.0",
    "dictdiffer==0.10.0",
    "h11==0.16.0",
    "hyperlink==21.0.0",
    "isodate==0.7.2",
    "jsonpointer==3.12",
    "pathspec==1.1.1",
    "python-slugify==9.2.0",
    "rfc3986==2.0.0",
    "titlecase==2.4.1",
)
"""What is drawn from; the starter subset has none of them."""
DRAWN = MEASUREMENTS / "fix_tests_drawn.json"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Drawn(_Frozen):
    """The checkouts, drawn before anything is run."""

    seed: int
    passed_over: dict[str, str]
    """Packages that were drawn and make no checkout -> why."""
    recipes: tuple[Recipe, ...]


def main() -> None:
    """Draw, then fix each checkout; goes on where it was interrupted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--at-most", type=int, default=WANTED, help="checkouts of this call")
    parser.add_argument("--draw", action="store_true", help="draw, and run nothing")
    parser.add_argument("--so-far", action="store_true", help="draw nothing more: what was drawn, in the seed's order")
    parser.add_argument("--again", action="store_true", help="set aside what was done before, and do it again")
    asked = parser.parse_args()
    drawn = drawn_so_far() if asked.so_far else draw()
    if asked.draw:
        return
    for recipe in drawn.recipes:
        known = kept.outcome_of(recipe.instance_id)
        if known and (asked.again or known.void):
            kept.set_aside(recipe.instance_id)
    missing = [recipe for recipe in drawn.recipes if not kept.outcome_of(recipe.instance_id)]
    for recipe in missing[: asked.at_most]:
        kept.keep(fixed(recipe))
    if len(missing) > asked.at_most:
        return
    found = [kept.outcome_of(recipe.instance_id) for recipe in drawn.recipes]
    outcomes = [one for one in found if one is not None]
    with recording(Record("fix_tests", n=len(outcomes), unit="checkouts", seed=SEED)) as record:
        tell(record, drawn, outcomes)


def draw() -> Drawn:
    """Return the checkouts of the seed, drawn once: a package, a bug in it, the first test that it makes fail."""
    if DRAWN.is_file():
        return Drawn.model_validate_json(DRAWN.read_text())
    recipes: list[Recipe] = []
    passed_over: dict[str, str] = {}
    for package in _order():
        if len(recipes) == WANTED:
            break
        made = kept.KEPT / f"drawn-{package}.json"  # a draw takes minutes, and may be interrupted
        try:
            found = SynthReport.model_validate_json(made.read_text()) if made.is_file() else mutants(package)
        except (SdistError, ValueError, PythonEnvironmentError, UsageError) as error:
            passed_over[package] = str(error)
            continue
        write_whole(made, found.model_dump_json())
        recipes += found.recipes
        if not found.recipes:
            passed_over[package] = f"none of {found.tried} mutants is a task"
    drawn = Drawn(seed=SEED, passed_over=passed_over, recipes=tuple(recipes))
    write_whole(DRAWN, drawn.model_dump_json(indent=1) + "\n")
    return drawn


def drawn_so_far() -> Drawn:
    """Return the first checkouts of the seed's order, where the draw has not come to its end."""
    made = [kept.KEPT / f"drawn-{package}.json" for package in _order()]
    reports = [SynthReport.model_validate_json(path.read_text()) for path in made if path.is_file()]
    recipes = [recipe for report in reports for recipe in report.recipes]
    return Drawn(seed=SEED, passed_over={}, recipes=tuple(recipes[:WANTED]))


def _order() -> list[str]:
    order = list(PACKAGES)
    random.Random(SEED).shuffle(order)
    return order


def mutants(requirement: str) -> SynthReport:
    """Draw one bug for a package, whose suite runs with what the package itself declares."""
    name, _, version = requirement.partition("==")
    with tempfile.TemporaryDirectory() as workspace:
        package, tree = find(name, version, Path(workspace)), Path(workspace) / "tree"
        unpack(package.sdist(), tree)
        declared = infer(tree).model_copy(update={"test_paths": package.environment.test_paths})
    own = package.model_copy(update={"environment": declared})
    return mutate_package(own, [StatementKind.EXAMPLE], SEED, progress=print, suite_seconds=SUITE_SECONDS)


def fixed(recipe: Recipe) -> kept.Outcome:
    """Fix one checkout with the embedded model and look at what is handed over."""
    test = recipe.fail_to_pass[0]
    with tempfile.TemporaryDirectory() as name, Laboratory(recipe.package, suite_seconds=SUITE_SECONDS) as laboratory:
        checkout, patch = Path(name) / recipe.package.name, Path(name) / "fix.patch"
        mutated = lay(recipe, checkout)
        before = state_of(checkout)
        asked = ("-m", "local", *BUDGET, "--abstain", "-o", str(patch))
        command = runoff("fix", str(checkout), "--failing-test", test, *asked)
        state, load = kept.state_of_run(recipe.instance_id), os.getloadavg()
        done = run(command, timeout=LIMIT, env={"XDG_STATE_HOME": str(state)})
        after = state_of(checkout)
        text = patch.read_text(errors="surrogateescape") if patch.exists() else ""
        applies = bool(text) and git(checkout, "apply", "--check", str(patch)) == ""
        outcomes, base = {}, laboratory.suite(mutated)
        if applies:
            git(checkout, "apply", str(patch))
            changed = git(checkout, "diff", "--name-only").split()
            new = {path: (checkout / path).read_bytes() for path in changed}
            outcomes = laboratory.suite({**mutated, **new}).outcomes
        fine = {case for case, outcome in outcomes.items() if outcome == "pass"}
    answered, before_first_call = kept.calls(state)
    return kept.Outcome(
        id=recipe.instance_id,
        test=test,
        said=tuple(said(done)),
        exit_code=done.exit_code,
        seconds=round(done.seconds, 1),
        patch=text,
        applies=applies,
        passes=test in fine,
        broken=tuple(sorted(passing(base) - fine)) if applies else (),
        all_failing_pass=set(recipe.fail_to_pass) <= fine,
        touched=tuple(sorted(dict(before.files.items() ^ after.files.items()))),
        answered=answered,
        before_first_call=before_first_call,
        load_average=load,
        commit=versions().get("commit", ""),
    )


def lay(recipe: Recipe, checkout: Path) -> dict[str, bytes]:
    """Make the new folder ``checkout`` of the package with the bug in it, every test left; return what was changed."""
    unpack(recipe.package.sdist(), checkout)
    source = checkout / recipe.mutation.file
    changed = {recipe.mutation.file: recipe.mutation.site_in(source.read_bytes()).apply(source.read_bytes())}
    source.write_bytes(changed[recipe.mutation.file])
    git(checkout, "init", "--quiet")
    git(checkout, "add", "--all", "--force")
    git(checkout, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "as it was")
    shutil.rmtree(checkout / ".git" / "hooks", ignore_errors=True)
    return changed


def tell(record: Record, drawn: Drawn, outcomes: list[kept.Outcome]) -> None:
    """Put the checkouts into the record."""
    handed = [one for one in outcomes if one.patch]
    enough = len(outcomes) == WANTED
    record.check(f"{WANTED} checkouts were drawn and worked on", enough, f"{len(outcomes)} of {WANTED}")
    record.figures |= {
        "model": "local",
        "budget": list(BUDGET),
        "handed_over": len(handed),
        "abstained": sum(one.abstained for one in outcomes),
        "resolved_all_that_failed": sum(one.all_failing_pass and not one.broken for one in outcomes),
        "passed_over": drawn.passed_over,
        "checkouts": [one.model_dump(mode="json") for one in outcomes],
    }
    again = {one.id: times for one in outcomes if (times := kept.times_set_aside(one.id))}
    if again:
        told = ", ".join(f"{name} ({times})" for name, times in again.items())
        record.notes.append(
            f"done again, each earlier outcome set aside for its rule, and kept: no call of the model was answered in "
            f"it, or all were asked for again (--again): {told}"
        )
    for one in outcomes:
        found = "abstained" if one.abstained else f"{len(one.patch.splitlines())} lines of patch"
        told = f"{found}; applies {one.applies}, passes {one.passes}, breaks {len(one.broken)}, exit {one.exit_code}"
        record.check(f"{one.id}: what is handed over is right by its test, or it abstains", one.good, told)


if __name__ == "__main__":
    main()
