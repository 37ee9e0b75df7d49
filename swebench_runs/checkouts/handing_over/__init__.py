"""What a maintainer gets of a decision: the patch, the test that shows it, a branch, and the reasons in words."""
