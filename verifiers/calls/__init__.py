"""Calls that existing tests make of changed functions: what comes of them on the base and on every candidate."""

from verifiers.calls.changed_functions import changed_functions
from verifiers.calls.recording import Calls, record_calls
from verifiers.calls.rows import rows_of_calls

__all__ = ["Calls", "changed_functions", "record_calls", "rows_of_calls"]
