"""The test that a trajectory writes in its tree, and what the harness sees of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.edits import EditError
from agent.patch import PatchError, normalise, sections
from agent.prompts import render
from agent.scaffolds.both_sides import clipped
from agent.scaffolds.test_forms import file_as_test
from agent.scaffolds.tools.calling.tool import Arguments, Done
from agent.scaffolds.tools.lost_tree import begun_anew
from agent.trajectory.session import Session
from agent.trajectory.workspace import Workspace
from environments.sandboxes.contract import WORKTREE, TreeLost
from environments.workbench.outcome import Execution, GeneratedTest, Outcome


class NoTest(Exception):
    """No test can be made of what stands there; the message says why, for the model."""


@dataclass
class WrittenTest:
    """A trajectory's test, by the file that it stands in."""

    session: Session
    workspace: Workspace
    origin: str
    room: int
    """Characters of an output that the model is shown."""
    test: GeneratedTest | None = None
    """The one that the harness looked at last."""
    shows: GeneratedTest | None = None
    """The latest that the harness saw fail on the base."""

    def judge(self, path: str) -> tuple[GeneratedTest, Execution, str]:
        """Run the test file at ``path`` (empty: the one new test file of the tree) on the base, and tell of it.

        Where the tree has a change of its source, the test is run on that too: a test that no change can pass is as
        bad as one that every tree passes. Raises NoTest.
        """
        change = self._change()
        test = self._read(path or self._sole(change))
        source = self._source(change)
        runs = self.session.run_on(test, [None, source] if source else [None])
        self.test = test
        if runs[0].outcome == Outcome.FAIL:
            self.shows = test
        ended = zip(("the base", "a change"), runs, strict=False)
        self.session.tell("test " + ", ".join(f"{run.outcome} on {where}" for where, run in ended))
        told = render("tools/test_judged", runs=[_shown(run, self.room) for run in runs], kind=test.kind)
        return test, runs[0], told

    def after_change(self, full: bool) -> str:
        """Go on in a fresh tree where the disk of this one is used up; return what the model must know of that."""
        return begun_anew(self.session, self.workspace, "", "disk") if full else ""

    def _change(self) -> str:
        try:
            return self.workspace.diff()
        except TreeLost:
            raise NoTest(begun_anew(self.session, self.workspace, "", "tree")) from None
        except OSError:
            raise NoTest("the tree's change is too large: remove the large files that were made") from None

    def _read(self, path: str) -> GeneratedTest:
        path = path.removeprefix(f"{WORKTREE}/").removeprefix("./")
        try:
            content = self.workspace.read(path)
        except OSError as error:
            raise NoTest(f"{path} cannot be read: {error.strerror or error}") from None
        try:
            source = content.decode()
        except UnicodeDecodeError:
            raise NoTest(f"{path} is no text in UTF-8") from None
        try:
            return file_as_test(source, path, origin=self.origin, facts=self.session.bench.facts)
        except EditError as problem:
            raise NoTest(str(problem.message_for_model)) from None

    def _sole(self, change: str) -> str:
        """Return the one new file of the tree that is a test."""
        try:
            parts = sections(change) if change.strip() else ()
        except PatchError as error:
            raise NoTest(f"name the test file by its path: the tree's change cannot be read ({error})") from None
        new = [part.path for part in parts if part.is_new and part.path.endswith(".py")]
        named = [path for path in new if "test" in path.rpartition("/")[2]] or new
        if len(named) != 1:
            said = f"there are {len(named)} new test files, {', '.join(named[:5])}" if named else "there is no new one"
            raise NoTest(f"name the test file by its path: {said}")
        return named[0]

    def _source(self, change: str) -> str:
        try:
            return normalise(change, self.session.bench.read) if change.strip() else ""
        except PatchError as error:
            self.session.tell(f"the tree's change is no patch: {error}")
            return ""


class TestFile(Arguments):
    """Which file is the test."""

    __test__ = False

    path: str = ""


@dataclass
class CheckTest:
    """The tool ``check`` of whoever writes a test."""

    written: WrittenTest
    name: str = "check"
    about: str = (
        "Have the harness run your test as it will be judged: on the unchanged code, in a fresh copy, and, if you have "
        "changed source files to try a repair, on that change too. path: the test file; it may be left out where your "
        "tree has one new test file."
    )
    arguments: type[TestFile] = TestFile

    def use(self, arguments: TestFile) -> Done:
        """Run it and tell what came of it."""
        try:
            _, _, told = self.written.judge(arguments.path)
        except NoTest as problem:
            return Done(f"No test was run: {problem}")
        return Done(told)


@dataclass
class SubmitTest:
    """The tool ``submit`` of whoever writes a test: one that does not fail on the base is handed back once."""

    written: WrittenTest
    name: str = "submit"
    about: str = (
        "Hand in your test file. path: the file; it may be left out where your tree has one new test file. A test that "
        "does not fail on the unchanged code is handed back to you once."
    )
    arguments: type[TestFile] = TestFile
    _refused: str = ""

    def use(self, arguments: TestFile) -> Done:
        """Judge it, and take it or hand it back."""
        try:
            test, run, told = self.written.judge(arguments.path)
        except NoTest as problem:
            return Done(f"Nothing was handed in: {problem}")
        if run.outcome == Outcome.FAIL or self._refused == test.id:
            return Done(f"{told}\n\nHanded in.", over=True)
        self._refused = test.id
        return Done(
            f"{told}\n\nNot handed in: it does not fail on the unchanged code, so it shows nothing. Mend it; if no "
            "test can show the issue, submit it once more as it is.",
            waits=True,
        )


def _shown(run: Execution, room: int) -> dict[str, object]:
    cases: Sequence[str] = [f"{name.partition('::')[2] or name}: {outcome}" for name, outcome in run.cases[:20]]
    return {"outcome": run.outcome, "exit_code": run.exit_code, "output": clipped(run.output, room), "cases": cases}
