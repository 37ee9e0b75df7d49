"""`runoff bench vote-matrix`: what a cell of the vote costs beyond its test."""
