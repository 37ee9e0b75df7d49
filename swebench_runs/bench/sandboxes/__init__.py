"""`runoff bench sandbox`: what every kind of sandbox costs."""
