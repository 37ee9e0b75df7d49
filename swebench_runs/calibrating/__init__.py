"""A judge earns its say: how far its scores order graded patches, measured within tasks (``runoff verifier calibrate``)."""
