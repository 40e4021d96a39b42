"""Keeps requests and their events, from arrival to outcome."""
