"""Shows what waits for a person's decision, and carries the decision out."""
