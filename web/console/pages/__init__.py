"""Holds the pages, one module each, with their resources under /api/v1."""
