"""Every kind of call of Runoff's, to models of many vendors: each vendor's own wire format and published rules."""
