"""Anyone's predictions: the files in which published systems write their patches, told apart by what is in them.

Only named fields are read, so grades that a file holds go no further; which ones were met is counted, to be said.
"""

from __future__ import annotations

from swebench_runs.choosing.predictions.forms import FORMS
from swebench_runs.choosing.predictions.prediction import Prediction, Reading
from swebench_runs.choosing.predictions.reading import read_predictions
from swebench_runs.rows.records import Unread

__all__ = ["FORMS", "Prediction", "Reading", "Unread", "read_predictions"]
