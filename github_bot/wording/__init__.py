"""What the bot says: templates rendered of data, with whatever came from outside made inert."""
