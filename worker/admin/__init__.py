"""Answers what people ask and does what they decide, for page, admin API and command."""
