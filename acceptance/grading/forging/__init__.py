"""Patches that repair nothing and forge what tests say, on three runners."""
