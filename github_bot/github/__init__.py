"""GitHub, as the bot needs it: a contract, and the client behind it."""
