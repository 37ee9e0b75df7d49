"""Recorded answers of a strong model, read as what they say."""
