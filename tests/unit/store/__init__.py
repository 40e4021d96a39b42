"""The store's pure parts."""
