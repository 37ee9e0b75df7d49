"""What tasks took of the machine, added up and told."""

from swebench_runs.figures.metrics.machine import MachineUse, machine_use, together
from swebench_runs.figures.report.words import machine

EVENTS = [
    {"event": "taken", "commands": 3, "core_seconds": 90.0, "peak_memory": 300 << 20},
    {"event": "machine_fault", "fault": "disk", "reason": "full"},
    {"event": "stage_start", "stage": "edits"},
    {"event": "taken", "commands": 1, "core_seconds": 30.0, "peak_memory": 100 << 20},
]


def test_sittings_of_a_task_add_up_and_the_highest_peak_stays():
    assert machine_use(EVENTS) == MachineUse(core_seconds=120.0, peak_memory=300 << 20, faults={"disk": 1})


def test_tasks_add_up_and_what_nobody_measured_stays_unknown():
    unmeasured = machine_use([{"event": "taken", "commands": 9, "core_seconds": None, "peak_memory": None}])
    assert unmeasured == MachineUse()
    assert together([machine_use(EVENTS), unmeasured, machine_use(EVENTS)]) == MachineUse(
        core_seconds=240.0, peak_memory=300 << 20, faults={"disk": 2}
    )


def test_what_is_told():
    assert machine(MachineUse()) == ""
    told = machine(together([machine_use(EVENTS)]))
    assert told == (
        "2 min 0 s of a core, 300 MiB at most in one sandbox; the machine failed once (1 disk), which is not scored"
    )
