"""Compares what a sender has with our links and with Upsales, and repairs what differs."""
