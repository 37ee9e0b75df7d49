"""What the bot reads: an issue's text as it was when somebody asked, without what a person would not see."""
