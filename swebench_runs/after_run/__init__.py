"""What is done with a run that is over: grading, validation, exports.

grade_run(Run.load(path), console)
"""
