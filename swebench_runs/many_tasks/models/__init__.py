"""The models of a run: what is asked before any work starts (keys, prices, abilities, time), and their connection."""
