"""Opens the database and keeps its tables."""
