"""Somebody's own repository and issue (``runoff fix``).

fix(".", "half(4) is 8", config, console)     # the checkout itself is never written to
"""
