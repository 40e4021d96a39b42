"""Plays the incidents of docs/operations.md against the lines of the Procfile, on PostgreSQL."""
