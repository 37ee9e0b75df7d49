"""The append-only record of a trajectory: written as it happens, replayed after a crash.

A trajectory is ordinary code whose every effect (a model call, a test run) goes through ``Journal.step``. A step
whose answer is on disk is not done again: the recorded answer is returned. So the same code run twice continues
where it was killed, and run over a finished record it replays the trajectory without a model.
"""
