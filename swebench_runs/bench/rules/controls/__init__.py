"""Controls: what a figure could owe to something else than choosing by the change."""
