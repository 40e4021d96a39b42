"""Short plays beside the story: each has things of its own and steps that wait for each other."""
