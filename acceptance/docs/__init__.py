"""What the pages promise: every example runs, every figure is that of its measurement."""
