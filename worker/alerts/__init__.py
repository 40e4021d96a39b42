"""Tells people once when something begins to be wrong, and once when it is right again."""
