"""What comes after a pull request: rounds of review, red checks, its end."""
