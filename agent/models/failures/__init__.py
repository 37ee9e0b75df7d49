"""What an endpoint's failure means, in its own words: whose it is, and whether it is tried again."""
