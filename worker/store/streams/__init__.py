"""Keeps who listens to which stream, and up to where it is stored."""
