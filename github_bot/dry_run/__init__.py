"""An event played without GitHub being told of it: what would be posted is shown."""
