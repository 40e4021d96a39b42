"""Alerts, and what is to be told about them."""
