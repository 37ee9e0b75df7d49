"""How one task is resolved: the stages that the pipeline calls, and what they share."""
