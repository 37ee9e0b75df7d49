"""`runoff bench agents --embedded`: Runoff and mini-swe-agent on starter tasks, with equally many written tokens."""
