"""Runs the `relay` command as `python -m worker.cli`."""

from worker.cli import main

main()
