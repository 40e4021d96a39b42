"""Listens to senders that tell over a WebSocket, and stores what they tell."""
