"""What is done with a run that is over: grading, validation, exports, inspection."""
