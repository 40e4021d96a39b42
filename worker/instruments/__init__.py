"""Gives signs of life, counts what no transaction belongs to, tells all that is measured."""
