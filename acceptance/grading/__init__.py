"""Who is resolved: our grader beside the official ones, on made logs and real ones, and patches that cheat."""
