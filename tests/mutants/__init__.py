"""Breaks the code that must not be wrong, one place at a time, and counts which breaks the tests notice."""
