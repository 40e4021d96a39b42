"""Gathers facts, judges each by a pure function, and shows what it found."""
