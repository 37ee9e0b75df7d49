"""A dialogue within its model's window: the first message, how it grows, and what is done before it is full."""
