"""Sends HTTP calls, each within one deadline, for the rooms that speak to others' APIs."""
