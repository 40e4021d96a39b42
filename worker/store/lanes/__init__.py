"""Keeps who works on which lane, which lanes are due, and what holds a connection back."""
