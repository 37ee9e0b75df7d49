"""Many tasks at once on one machine, beside mini-swe-agent's batch runner; see ``measure``."""
