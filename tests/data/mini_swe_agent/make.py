"""Makes shop__shop-1.traj.json: a run of the real mini-swe-agent (PyPI, 2.4.6) with its own scripted test model.

pip install mini-swe-agent==2.4.6 && python make.py
"""

import os
import subprocess
import tempfile
from pathlib import Path

os.environ["MSWEA_SILENT_STARTUP"] = "1"

from minisweagent.agents.default import DefaultAgent
from minisweagent.environments.local import LocalEnvironment
from minisweagent.models.test_models import DeterministicModel, make_output

INSTANCE = "shop__shop-1"
ISSUE = "`total` loses the first price: total([3, 4]) is 4."
STEPS = (
    ("Let me look at the code.", "cat shop.py"),
    ("The slice drops the first price.", "sed -i 's/prices\\[1:\\]/prices/' shop.py && git diff"),
    ("Done.", "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT && git add -A && git diff --cached"),
)


def main():
    """Run the agent in a new repository and keep its trajectory, without this machine's paths."""
    with tempfile.TemporaryDirectory() as name:
        repository, trajectory = Path(name) / "testbed", Path(name) / f"{INSTANCE}.traj.json"
        repository.mkdir()
        (repository / "shop.py").write_text("def total(prices):\n    return sum(prices[1:])\n")
        git = ["git", "-c", "user.name=shop", "-c", "user.email=shop@example.org"]
        for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "base"]):
            subprocess.run([*git, *arguments], cwd=repository, check=True)
        outputs = [make_output(said, [{"command": command}]) for said, command in STEPS]
        agent = DefaultAgent(
            DeterministicModel(outputs=outputs),
            LocalEnvironment(cwd=str(repository)),
            system_template="You repair programs.",
            instance_template="{{task}}",
        )
        agent.run(ISSUE)
        agent.save(trajectory, {"instance_id": INSTANCE})
        kept = trajectory.read_text().replace(name, "/somewhere")
    Path(__file__).with_name(trajectory.name).write_text(kept + "\n")


if __name__ == "__main__":
    main()
