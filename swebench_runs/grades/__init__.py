"""Grading one patch: with ``official`` the only place that knows what resolved means.

grade_patch(patch, base, spec, hidden, timeout=60).outcome     # "resolved"
"""
