"""What prompts show of the code that right patches change."""
