"""mini-swe-agent's part of the load: its own batch command over rows of ours, with its own bubblewrap environment.

Its batch makes one trajectory an instance, so each of a task's trajectories is an instance of its own.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import yaml

from acceptance.batch.load.script import MODEL, files, seconds_of
from environments.host_python import HostPython, host_python
from environments.sandboxes.bubblewrap.binary import find_bwrap
from swebench_runs.bench.sandboxes.mini_environment import mini_python

_QUIET = {
    **{"MSWEA_SILENT_STARTUP": "1", "MSWEA_CONFIGURED": "true", "OPENAI_API_KEY": "none"},
    **{"LITELLM_LOCAL_MODEL_COST_MAP": "True", "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"},
}


def command(folder: Path, tasks: int, trajectories: int, workers: int, api_base: str) -> HostPython:
    """Write its rows and configuration; return how its batch is started."""
    rows, made = folder / "rows", folder / "made"
    rows.mkdir(parents=True)
    with (rows / "test.jsonl").open("w") as out:
        for number in range(tasks):
            setup = _setup(files(seconds_of(number, tasks)))
            for index in range(trajectories):
                row = {"instance_id": f"task-{number}-{index}", "problem_statement": "f is wrong.", "setup": setup}
                out.write(json.dumps(row) + "\n")
    config = {
        "environment": {"environment_class": "bubblewrap", "executable": str(find_bwrap()), "cwd": "", "timeout": 60},
        "model": {"model_name": MODEL, "model_kwargs": {"api_base": api_base, "api_key": "none"}},
        "run": {"env_startup_command": "{{setup}}"},
    }
    (folder / "ours.yaml").write_text(yaml.safe_dump(config))
    words = ("-m", "minisweagent.run.benchmarks.swebench", "--subset", str(rows), "--split", "test")
    more = ("-w", str(workers), "-o", str(made), "-c", "swebench.yaml", "-c", str(folder / "ours.yaml"))
    return host_python(*words, *more, python=mini_python(), variables=_QUIET | {"HF_HOME": str(folder / "cache")})


def found(folder: Path) -> dict[str, Any]:
    """Count what its batch has left."""
    made = folder / "made"
    predictions = json.loads((made / "preds.json").read_text()) if (made / "preds.json").exists() else {}
    texts = [path.read_text() for path in made.glob("*/*.traj.json")]
    return {
        "trajectories": len(texts),
        "with_patch": sum("return 2" in (one["model_patch"] or "") for one in predictions.values()),
        "timed_out": sum(text.count('"exception_type": "TimeoutExpired"') for text in texts),
    }


def _setup(tree: dict[str, str]) -> str:
    write = [
        f"mkdir -p {shlex.quote(str(Path(name).parent))} && printf %s {shlex.quote(text)} > {shlex.quote(name)}"
        for name, text in tree.items()
    ]
    commit = "git init -q . && git add . && git -c user.name=b -c user.email=b@b commit -qm b"
    return " && ".join([*write, commit])
