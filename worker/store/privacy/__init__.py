"""Finds what is kept of a person, and erases it."""
