"""Our grader beside the official ones: `make acceptance-grader`."""
