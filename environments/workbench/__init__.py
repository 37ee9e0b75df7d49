"""Runs tests on trees, each (test, patch) once: runners, outcomes, the record, readers of test logs.

with Workbench(base, task, record=path, lease=NoLease()) as bench:
    bench.run(test, patch).outcome     # Outcome.PASS
"""
