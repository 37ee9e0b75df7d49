"""`runoff bench agents`: the scaffold ``tools`` beside mini-swe-agent, told the same by the same scripted model."""
