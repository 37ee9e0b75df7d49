"""How fast an embedded model answers on this machine, by how it is served."""
