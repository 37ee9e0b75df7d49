"""Setting the bot up in a repository: what is written there, and what must hold before it costs anything."""
