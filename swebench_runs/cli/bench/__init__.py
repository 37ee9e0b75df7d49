"""``runoff bench``: measurements of Runoff itself."""
