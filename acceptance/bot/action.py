"""The composite action as a runner runs it: three jobs in a plain container, without a network.

It needs a Docker engine with runoff/test-base:1, and root. The container reaches this machine alone, where GitHub's
stand-in, a scripted model and a proxy to the package index listen.
"""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

from acceptance.bot.ground import CONFIG, PRICE, REPOSITORY, Ground, ground
from acceptance.bot.package_index import HOSTS, package_index
from acceptance.bot.runner import Runner, container, fetched, network
from acceptance.record import Record, recording

_KEY = "sk-test-0123456789abcdef0123"
_SETTINGS = CONFIG.replace("model: openai/scripted\n", "") + f"  price: {PRICE}\n"
"""The model is the workflow's: its inputs are what is tried."""
_REACH = "import socket, sys; socket.create_connection((sys.argv[1], 443), 5)"


def measure(record: Record, at: Ground, runner: Runner) -> None:
    """Fill the record: one label, three jobs."""
    state, number = at.github.state, at.issue()
    headers, body = at.labelled(number)
    event = runner.folder / "event.json"
    event.write_bytes(body)
    me = "github-actions[bot]"
    tokens = {
        "start": state.token(me, contents="read", issues="write", pull_requests="read"),
        "solve": state.token(me, contents="read", issues="read"),
        "publish": state.token(me, contents="write", issues="write", pull_requests="write"),
    }
    given = {
        **{name: at.environment[name] for name in ("GITHUB_API_URL", "GITHUB_SERVER_URL", "OPENAI_API_BASE")},
        **{"GITHUB_EVENT_PATH": str(event), "GITHUB_EVENT_NAME": headers["X-GitHub-Event"]},
        **{"GITHUB_REPOSITORY": REPOSITORY, "GITHUB_RUN_ID": "4711"},
    }
    code, said = runner.job("start", {"token": tokens["start"]}, given)
    begun = runner.output("start") if code == 0 else {}
    record.check("start says that it begins", begun.get("go") == "yes", begun or said[-300:])
    model = {"model": "openai/scripted", "model-key-name": "OPENAI_API_KEY", "model-key": _KEY}
    inputs = {"token": tokens["solve"], "budget": begun.get("budget", "0"), **model}
    code, said = runner.job("solve", inputs, given)
    made = runner.temp("solve") / "runoff-artifact"
    names = sorted(path.name for path in made.iterdir()) if made.is_dir() else []
    record.check("solve leaves one artifact", code == 0 and "artifact.json" in names, names or said[-300:])
    found = [path.name for path in _files_with([_KEY, *tokens.values()], runner.jobs)]
    record.check("no key and no token is in a file of the runner's", not found, found or "none")
    code, said = runner.job("publish", {"token": tokens["publish"]}, given)
    record.check(
        "publish opens one draft", code == 0 and [one.pull.draft for one in state.pulls] == [True], said[-200:]
    )
    comments = [one.body for one in state.issues[number].comments]
    record.check("one comment on the issue", len(comments) == 1 and "draft" in comments[0], comments[0][:120])
    _mistakes(record, runner, inputs, given)
    record.check("nothing was asked against GitHub's description", not state.violations, "none")


def _mistakes(record: Record, runner: Runner, inputs: dict[str, str], given: dict[str, str]) -> None:
    name = "Run the phase"
    code, said = runner.step("solve", name, {**inputs, "model-key-name": "LD_PRELOAD"}, given)
    record.check("a key's name that is none is refused", code == 2 and "model-key-name must be" in said, said.strip())
    code, said = runner.step("publish", name, {"token": ""}, given)
    record.check("without a token it says what to do", code != 0 and "set GITHUB_TOKEN" in said, said.strip()[-200:])


def _files_with(values: list[str], folders: list[Path]) -> list[Path]:
    found = (path for folder in folders for path in folder.rglob("*"))
    files = [path for path in found if path.is_file() and not path.is_symlink()]
    return [path for path in files if any(value.encode() in path.read_bytes() for value in values)]


def _alone(record: Record, runner: Runner) -> None:
    """Check that the container reaches nothing by itself, though this machine does."""
    there = socket.gethostbyname(HOSTS[0].partition(":")[0])
    socket.create_connection((there, 443), 5).close()
    code, said = runner.command("python3", "-c", _REACH, there)
    record.check(
        "the container reaches nothing but this machine", code != 0, (said.strip() or "reached").split("\n")[-1]
    )


def main() -> None:
    """Measure and record."""
    name = f"runoff-action-{os.getpid()}"
    with (
        tempfile.TemporaryDirectory(prefix="runoff-action-") as scratch,
        recording(Record("bot-action", n=3, unit="jobs")) as record,
        network(name) as address,
        package_index(address) as index,
    ):
        folder, laid = Path(scratch, "runner"), Path(scratch, "ground")
        for made in (folder, laid):
            made.mkdir()
        Path(scratch).chmod(0o755)
        action, commit = fetched(folder)
        record.figures["commit"] = commit[:12]
        with container(name, folder) as running, ground(laid, _SETTINGS, address=address) as at:
            runner = Runner(folder, action, running, index.url)
            _alone(record, runner)
            measure(record, at, runner)
            record.figures["python"] = runner.command("python", "-V")[1].strip()
        found = f"led to {sorted(index.led)}, refused {sorted(index.refused)}"
        record.check("the package index alone was asked for", not index.refused, found)


if __name__ == "__main__":
    main()
