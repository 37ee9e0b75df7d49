"""What the models of a task are shown of its repository: where they would look, what its tests execute."""
