"""Runs tests on a task's base tree and on patched copies of it: each (test, patch) once, each in its own fork."""
