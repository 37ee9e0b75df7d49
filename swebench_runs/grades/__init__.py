"""Grading one patch: with official/ the only place that knows what resolved means."""
