"""How one task is resolved: the stages that the pipeline calls, and what they share.

decision = resolve(TaskRun(task=task, base=base, folder=folder, ledger=ledger, shared=shared))
"""
