"""The judge of the chaos is judged itself."""
