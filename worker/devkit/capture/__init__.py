"""Captures what a sender really posts, as case files."""
