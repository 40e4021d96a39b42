"""Reads all that a sender has, or a file of it, behind live events."""
