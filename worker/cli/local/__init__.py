"""Runs everything on one machine: the processes of `relay up`."""
