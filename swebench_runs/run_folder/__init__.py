"""A run on disk: whole files, one process at a time, read back when it is resumed.

with Run.start(path, config, tasks) as run:
    run.task(instance_id).write("decision.json", decision)
"""
