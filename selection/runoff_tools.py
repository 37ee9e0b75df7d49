"""The tools of a run-off that works in the finalists' trees: commands side by side, files, tests, the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from agent.edits import EditError
from agent.prompts import render
from agent.scaffolds.test_forms import file_as_test
from agent.scaffolds.tools.calling.tool import Arguments, Done
from agent.scaffolds.tools.shown import shown_output
from agent.scaffolds.tools.toolbox.shell import MOST_SECONDS, USUAL_SECONDS, only_reads
from agent.trajectory.session import Session
from agent.trajectory.workspace import CommandResult, Workspace
from environments.sandboxes.contract import TreeLost
from selection.contest import EQUAL, NONE, Contest
from selection.finalist_runs import run_on_all

UNCHANGED, ALL = "unchanged", "all"
"""The tree without any change; and every tree."""
_Tree = Annotated[
    str, Field(description=f"Where: the letter of a change, `{UNCHANGED}` for the code without any, or `{ALL}`.")
]


@dataclass(frozen=True)
class Trees:
    """The trees of a run-off by label: the base, and each finalist under its letter."""

    by_label: Mapping[str, Workspace]
    room: int
    """Characters of what one call shows, over all trees."""
    patches: Mapping[str, str] = field(default_factory=dict)
    """What each tree began with, by label; none: the base."""

    def mended(self, label: str, full: bool) -> str:
        """Replace a tree that a command has wrecked, or filled, by a fresh one; say so, or nothing where it stands."""
        try:
            self.by_label[label].diff()
        except TreeLost:
            full = True
        except OSError:
            pass  # large changes are no harm: nothing of these trees is handed in
        if not full:
            return ""
        self.by_label[label].begin_anew(self.patches.get(label, ""))
        return "[this tree was wrecked or full, and is a fresh one now: files that you wrote are gone]"

    def named(self, tree: str) -> Sequence[str] | None:
        """Return the labels that a word means; None where it means none."""
        word = tree.strip().strip("`")
        if word.lower() == ALL:
            return list(self.by_label)
        known = {label.lower(): label for label in self.by_label}
        found = known.get(word.lower().removeprefix("change "))
        return [found] if found else None

    def unknown(self, tree: str) -> Done:
        """Say that there is no such tree."""
        return Done(f"There is no tree {tree[:40]!r}: there are {', '.join(self.by_label)}, and `{ALL}`.")


class RunArguments(Arguments):
    """What ``bash`` takes."""

    command: Annotated[str, Field(min_length=1, description="The command line.")]
    tree: _Tree = ALL
    timeout: Annotated[
        float | None,
        Field(gt=0, description=f"Seconds in each tree; {USUAL_SECONDS:g} unless given, {MOST_SECONDS:g} at most."),
    ] = None


@dataclass
class RunSideBySide:
    """Runs a command in one tree or in all; where all do the same it is told once."""

    trees: Trees
    name: str = "bash"
    about: str = (
        "Run a command line by bash from the top of the repository, in one tree or in each of them: trees in which it "
        "does the same are told together. Each call is a new shell; no input can be typed."
    )
    arguments: type[RunArguments] = RunArguments

    def use(self, arguments: RunArguments) -> Done:
        """Run it."""
        labels = self.trees.named(arguments.tree)
        if labels is None:
            return self.trees.unknown(arguments.tree)
        limit = min(arguments.timeout or USUAL_SECONDS, MOST_SECONDS)
        room = max(500, self.trees.room // len(labels))
        told: dict[str, list[str]] = {}
        for label in labels:
            result = self.trees.by_label[label].run(arguments.command, timeout=limit)
            full = result.killed == "disk"
            mended = "" if only_reads(arguments.command) and not full else self.trees.mended(label, full)
            text = "\n".join(filter(None, (_ended(result, limit, room), mended)))
            told.setdefault(text, []).append(label)
        shown = "\n\n".join(f"[{', '.join(labels)}]\n{text}" for text, labels in told.items())
        return Done(shown, changed=not only_reads(arguments.command))


class WriteArguments(Arguments):
    """What ``write`` takes."""

    path: Annotated[str, Field(min_length=1, description="The file, from the repository's top.")]
    content: Annotated[str, Field(description="Its whole content.")]
    tree: _Tree = ALL


@dataclass
class Write:
    """Writes a file into one tree or into all."""

    trees: Trees
    name: str = "write"
    about: str = "Write a file (a test, a script to try something) into one tree or into each of them."
    arguments: type[WriteArguments] = WriteArguments

    def use(self, arguments: WriteArguments) -> Done:
        """Write it."""
        labels = self.trees.named(arguments.tree)
        if labels is None:
            return self.trees.unknown(arguments.tree)
        for label in labels:
            try:
                self.trees.by_label[label].write(arguments.path, arguments.content.encode(errors="replace"))
            except OSError as error:
                return Done(f"{arguments.path} cannot be written in {label}: {error.strerror or error}")
        return Done(f"Written in {', '.join(labels)}.", changed=True)


class TestArguments(Arguments):
    """What ``test`` takes."""

    __test__ = False

    path: Annotated[str, Field(min_length=1, description="The test file, as written in all trees.")]


@dataclass
class CountedTest:
    """Has the harness run a test on fresh copies of the base and of every finalist; what it sees counts."""

    session: Session
    contest: Contest
    trees: Trees
    name: str = "test"
    about: str = (
        "Have the harness run a test on fresh copies of the unchanged code and of every change. Such a test counts: "
        "where it fails on the unchanged code, a change that passes it stands above one that does not. So let it check "
        "what the issue settles and nothing else."
    )
    arguments: type[TestArguments] = TestArguments

    def use(self, arguments: TestArguments) -> Done:
        """Run it on all."""
        try:
            source = self.trees.by_label[UNCHANGED].read(arguments.path).decode()
            facts = self.session.bench.facts
            path = arguments.path.removeprefix("/testbed/").removeprefix("./")
            test = file_as_test(source, path, origin="runoff", facts=facts)
        except OSError as error:
            return Done(f"{arguments.path} cannot be read in the tree `{UNCHANGED}`: {error.strerror or error}")
        except UnicodeDecodeError:
            return Done(f"{arguments.path} is no text in UTF-8.")
        except EditError as problem:
            return Done(f"No test was run: {problem.message_for_model}")
        room = max(500, self.trees.room // len(self.trees.by_label))
        runs = run_on_all(self.session, self.contest, test, room)
        return Done(render("runoff/told", runs=runs, score=self.contest.score_by_label()))


class VerdictArguments(Arguments):
    """What ``verdict`` takes."""

    winner: Annotated[
        str,
        Field(
            description=(
                f"The letter of the change that resolves the issue best; {EQUAL} if they differ in nothing that the "
                f"issue settles; {NONE} if no change resolves it."
            )
        ),
    ]
    why: Annotated[str, Field(description="In a sentence or two: what was run that shows it.")] = ""


@dataclass
class Verdict:
    """Ends the run-off by a word; one that nothing was run for is asked about once."""

    contest: Contest
    names: bool
    """The model's word counts; else its tests alone."""
    name: str = "verdict"
    about: str = "End the run-off by your verdict."
    arguments: type[VerdictArguments] = VerdictArguments
    why: str = ""
    _asked: bool = field(default=False)

    def use(self, arguments: VerdictArguments) -> Done:
        """Take the word, or ask for a test first."""
        word = arguments.winner.strip().strip("`'\".").upper().removeprefix("CHANGE ").removeprefix("WINNER ")
        labels = [label for label, _ in self.contest.shown]
        if word not in (*labels, EQUAL, NONE):
            return Done(f"{arguments.winner[:60]!r} is no verdict: say {', '.join(labels)}, {EQUAL} or {NONE}.")
        if not self.contest.told and not self._asked:
            self._asked = True
            return Done(
                "No test of yours that fails on the unchanged code has been run by the harness yet. "
                "Write one that tells the changes apart and run it "
                "by `test`; if none can, give your verdict again.",
                waits=True,
            )
        if self.names:
            self.contest.name(word)
        self.why = " ".join(arguments.why.split())[:500]
        return Done("Taken.", over=True)


def _ended(result: CommandResult, limit: float, room: int) -> str:
    output = shown_output(result.output, room) or "(no output)"
    if result.timed_out:
        return f"{output}\n[ended at its limit of {limit:g} seconds]"
    return f"exit code {result.exit_code}\n{output}"
