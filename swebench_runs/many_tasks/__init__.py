"""A run over many tasks: at once, watched, interrupted.

result = run_tasks(run, tasks, open_base, console)     # result.decided, result.failed
"""
