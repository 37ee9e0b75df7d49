"""The way to an endpoint: which replica is asked, how many calls at once, how fast, and who warms its cache."""
