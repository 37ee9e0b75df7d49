import json
import re
import subprocess
from importlib.metadata import distribution
from pathlib import Path

import pytest
import yaml

from github_bot.cli.install import doctor
from github_bot.config import PATH, BotConfig, read_config
from github_bot.github.sign_in import by_token
from github_bot.install.examining import examine
from github_bot.install.writing import WORKFLOW, install, workflow
from swebench_runs.errors import UsageError

ROOT = Path(__file__).parents[2]
ACTION = f"octo/runoff@{'a' * 40}"


def test_what_is_written_is_a_workflow_and_every_default(tmp_path):
    with pytest.raises(UsageError, match="not the top of a git checkout"):
        install(tmp_path, ACTION, force=False)
    (tmp_path / ".git").mkdir()
    install(tmp_path, ACTION, force=False)
    assert read_config((tmp_path / PATH).read_bytes()) == BotConfig()
    assert (tmp_path / WORKFLOW).read_text() == workflow(ACTION)
    with pytest.raises(UsageError, match="--force"):
        install(tmp_path, ACTION, force=False)
    install(tmp_path, ACTION, force=True)


@pytest.mark.parametrize("action", ["octo/runoff", "octo/runoff@main", f"octo@{'a' * 40}", f"octo/runoff@{'a' * 39}"])
def test_an_action_that_somebody_can_move_is_refused(tmp_path, action):
    (tmp_path / ".git").mkdir()
    with pytest.raises(UsageError, match="all 40 digits"):
        install(tmp_path, action, force=False)


def test_the_jobs_have_these_permissions_and_no_others():
    shown = yaml.safe_load(workflow(ACTION))
    assert shown["permissions"] == {}
    assert {name: job["permissions"] for name, job in shown["jobs"].items()} == {
        "start": {"contents": "read", "issues": "write", "pull-requests": "read"},
        "solve": {"contents": "read", "issues": "read"},
        "publish": {"contents": "write", "issues": "write", "pull-requests": "write"},
    }
    with_key = [name for name, job in shown["jobs"].items() if "secrets." in str(job)]
    assert with_key == ["solve"]
    assert shown["concurrency"]["cancel-in-progress"] is False
    # A command on the bot's pull request waits for the run on its issue, which `start` has asked GitHub for.
    solve = shown["jobs"]["solve"]["concurrency"]
    assert solve == {"group": "runoff-solve-${{ needs.start.outputs.issue }}", "cancel-in-progress": False}
    assert shown["jobs"]["start"]["outputs"]["issue"] == "${{ steps.runoff.outputs.issue }}"


def group_of(name, event):
    """Return the workflow's group for an event, as GitHub reads the expression."""

    def value(found):
        if found[0] in ("github.event_name", "github.repository", "github.run_id"):
            return repr({"github.event_name": name, "github.repository": "octo/shop", "github.run_id": 99}[found[0]])
        here = event
        for key in found[0].split(".")[2:]:
            here = here.get(key, {})
        return repr(here or None)

    said = yaml.safe_load(workflow(ACTION))["concurrency"]["group"]
    start, asked = re.fullmatch(r"(runoff-)\$\{\{(.*)\}\}", said).groups()
    asked = re.sub(r"\bgithub\.[\w.]+", value, asked).replace("&&", "and").replace("||", "or").strip()
    calls = {
        "startsWith": lambda text, prefix: (text or "").startswith(prefix),
        "contains": lambda values, one: one in values,
        "fromJSON": json.loads,
        "format": lambda text, *values: text.format(*values),
    }
    return start + str(eval(asked, calls))


def labelled(name, login="mia"):
    return "issues", {"issue": {"number": 7}, "label": {"name": name}, "sender": {"login": login, "type": "User"}}


def comment(body, association="NONE", login="eve"):
    return "issue_comment", {
        "issue": {"number": 7},
        "comment": {"body": body, "author_association": association},
        "sender": {"login": login, "type": "User"},
    }


def pull(branch, home="octo/shop", login="eve", **review):
    return {
        "pull_request": {"head": {"ref": branch, "repo": {"full_name": home}}},
        "review": review,
        "sender": {"login": login},
    }


@pytest.mark.parametrize(
    "event, group",
    [
        (labelled("runoff"), "runoff-7-runoff-by-mia"),
        (labelled("bug"), "runoff-7-bug-by-mia"),
        (("issues", {"issue": {"number": 7}, "sender": {"login": "mia", "type": "User"}}), "runoff-7-assigned-by-mia"),
        *((comment("/runoff", association), "runoff-7-by-eve") for association in ("OWNER", "COLLABORATOR", "NONE")),
        (comment("/runoff", login="mia"), "runoff-7-by-mia"),
        (comment("hello", "MEMBER"), "runoff-run-99"),
        (("pull_request", pull("7", "eve/shop")), "runoff-run-99"),
        (("pull_request", pull("7")), "runoff-run-99"),
        (("pull_request", pull("runoff/issue-7", "eve/shop")), "runoff-run-99"),
        (("pull_request", pull("runoff/issue-7")), "runoff-runoff/issue-7-by-closing"),
        (("pull_request_review", pull("runoff/issue-7", author_association="OWNER")), "runoff-runoff/issue-7-by-eve"),
        (("pull_request_review", pull("runoff/issue-7", author_association="NONE")), "runoff-runoff/issue-7-by-eve"),
        (("pull_request_review", pull("7", author_association="OWNER")), "runoff-run-99"),
        (("check_suite", {"check_suite": {"head_branch": "7", "conclusion": "failure"}}), "runoff-run-99"),
        (
            ("check_suite", {"check_suite": {"head_branch": "runoff/issue-7", "conclusion": "failure"}}),
            "runoff-runoff/issue-7",
        ),
    ],
)
def test_nobody_is_in_the_group_in_which_another_waits(event, group):
    assert group_of(*event) == group


def test_actions_are_pinned_and_nothing_of_an_event_is_put_into_a_script():
    action = (ROOT / "action.yml").read_text()
    uses = re.findall(r"uses: (\S+)", action + workflow(ACTION))
    assert len(uses) == 7
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", one) for one in uses)
    steps = yaml.safe_load(action)["runs"]["steps"]
    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []


def test_every_hostile_case_of_the_documentation_is_a_test_that_is_there():
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/bot.md").read_text()))
    there = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert len(named) >= 20
    assert {name for name in named if f"def {name}(" not in there} == set()


def test_zizmor_has_nothing_to_say(tmp_path):
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / WORKFLOW).write_text(workflow(ACTION))
    (tmp_path / "action.yml").write_text((ROOT / "action.yml").read_text())
    (program,) = (file.locate() for file in distribution("zizmor").files if file.name == "zizmor")
    command = [str(program), "--offline", "--persona", "pedantic", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout + done.stderr


def test_the_doctor_says_what_is_missing_and_what_to_do(github):
    with by_token(github.state.token("ada", contents="read"), api=github.url) as reader:
        bad = [finding.what for finding in examine("octo/shop", reader) if finding.state != "good"]
        assert len(bad) == 1
        assert "runoff bot init" in bad[0]
        github.store.lay({WORKFLOW: workflow(ACTION)})
        assert all(finding.state == "good" for finding in examine("octo/shop", reader))
        github.store.lay({PATH: "lable: x\n"})
        github.state.labels.remove("runoff")
        github.state.settings.update(workflows_open_pulls=False, secrets=[], variables={}, ruled=True, fork=True)
        bad = " ".join(finding.what for finding in examine("octo/shop", reader) if finding.state == "bad")
        for said in (
            "did you mean 'label'",
            "no label 'runoff'",
            "may not open",
            "secret RUNOFF_MODEL_KEY is",
            "variable RUNOFF_MODEL is",
            "variable RUNOFF_MODEL_KEY_NAME is",
            "rules",
            "forks: true",
        ):
            assert said in bad
        assert [finding.state for finding in examine("octo/nowhere", reader)] == ["bad"]


def test_the_doctor_asks_nobody_about_what_is_no_repositorys_name():
    with pytest.raises(UsageError, match="'shop' names no repository: write OWNER/NAME"):
        doctor("shop")
