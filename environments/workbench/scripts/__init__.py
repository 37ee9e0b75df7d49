"""Generated scripts: built from a claim, and judged by tokens that they cannot know."""
