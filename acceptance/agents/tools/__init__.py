"""``make acceptance-tools``: a scripted model that knows the fixes works with the tools, and is killed at it."""
