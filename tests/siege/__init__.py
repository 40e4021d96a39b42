"""Attacks the receiver from this machine, without a secret, and measures what honest senders notice."""
