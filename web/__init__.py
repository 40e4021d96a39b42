"""Receives webhooks, and plays Upsales for those who have no account there."""
