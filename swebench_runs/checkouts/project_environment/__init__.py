"""What a checkout needs to run, read from its files, none of which is run: a reader for each kind of file."""

from swebench_runs.checkouts.project_environment.inference import ProjectEnvironment, infer, read_environment
from swebench_runs.checkouts.project_environment.subproject import read_project

__all__ = ["ProjectEnvironment", "infer", "read_environment", "read_project"]
