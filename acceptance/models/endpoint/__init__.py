"""Two hundred trajectories against an endpoint that misbehaves in every way: nothing lost, stuck, or counted twice."""
