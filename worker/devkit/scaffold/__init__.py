"""Makes a connector from captured requests."""
