"""``runoff fix``: somebody's checkout and issue, or a failing test alone."""
