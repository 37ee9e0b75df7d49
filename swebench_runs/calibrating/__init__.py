"""A judge earns its say: how far its scores order graded patches within tasks (``runoff verifier calibrate``)."""
