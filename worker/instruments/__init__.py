"""Lets a process give signs of life, count what no transaction belongs to, and tell all that is measured."""
