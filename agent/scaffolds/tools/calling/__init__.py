"""From an answer to calls of tools, by an endpoint's functions or by blocks of text, and the box that checks them."""
