"""Carries wake-ups over Celery and Redis, and limits how many are on their way."""
