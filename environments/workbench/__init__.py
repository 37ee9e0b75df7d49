"""Each (test, patch) once: runners, records, readers of test logs."""
