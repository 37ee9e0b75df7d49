"""A stored run whose every text tries to steer the terminal or to be markup."""

from agent.trajectory.journal import Journal
from environments.task import Task
from environments.workbench.outcome import Outcome
from selection.decision import Decision
from swebench_runs.config import RunConfig
from swebench_runs.run_folder.store import Run
from verifiers.ballot import Ballot, Candidate, Entry

NAME = "pkg-1"
EVIL = "\x1b[2J\x1b]0;owned\x07[bold red]B[/][@click=app.quit]x[/]<script>alert(1)</script>\u202e&{{ 7*7 }}"
PATCH = f"--- a/m.py\n+++ b/m.py\n@@ -1 +1 @@\n-old\n+new {EVIL}\n"


def hostile_run(path, steps=3):
    """Make it: one task of one trajectory, and a second trajectory whose lines have other forms."""
    task = Task(instance_id=NAME, repo="pkg", base_commit="c", problem_statement=f"It breaks. {EVIL}")
    with Run.start(path, RunConfig(), [task]) as stored:
        folder = stored.task(NAME)
        with Journal(folder.journal_path("edit", 0), {}) as journal:
            for number in range(steps):
                request = {"messages": [{"role": f"user{EVIL}", "content": f"Please {number} {EVIL}"}]}
                answer = {"choices": [{"content": f"Done {number} {EVIL}"}]}
                journal.step("model", request, lambda answer=answer: answer)
            ran = {"exit_code": 0, "timed_out": False, "seconds": 0.1, "output": f"printed {EVIL}"}
            journal.step("command", {"command": f"ls {EVIL}"}, lambda: ran)
            journal.end({"ending": f"submitted{EVIL}", "why": EVIL}, final=True)
        with Journal(folder.journal_path("edit", 1), {}) as journal:
            journal.step("model", {"messages": [{"no": "role"}]}, lambda: {"choices": 7})
        ballot = Ballot(
            entries=(Entry(id="edit-0", candidate="abc"),),
            candidates=(Candidate(id="abc", patch=PATCH, suspicious=(EVIL,)),),
            tests=(f"t{EVIL}",),
            outcomes={f"t{EVIL}": {"base": Outcome.FAIL, "abc": Outcome.PASS}},
        )
        folder.write("ballot.json", ballot)
        decided = Decision(candidate="abc", patch=PATCH, rule="votes", abstained=True, reason=f"It breaks. {EVIL}")
        folder.write("decision.json", decided)
        folder.event("infrastructure_error", reason=EVIL, traceback="")
    return Run.load(path)
