"""Counts what happens, and keeps the signs of life of the processes."""
