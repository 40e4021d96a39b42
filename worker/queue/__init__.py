"""Carries wake-ups over Celery and Redis: messages, in-flight limits, beat, watchdog, shutdown."""
