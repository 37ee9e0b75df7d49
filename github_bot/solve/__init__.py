"""Phase one: models, sandboxes and the repository. It may read, it posts nothing, and it ends in an artifact."""
