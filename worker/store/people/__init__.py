"""Keeps who is signed in, and what people did."""
