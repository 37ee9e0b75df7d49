"""A pool of candidates with true labels, made of injected bugs: what chooses by running things, put to the test."""
