"""Models: their contract, litellm behind it, the embedded one, profiles and prices."""
