"""What sandboxes cost: side by side, a cell of the vote matrix, a crowd of tasks, an image's build."""
