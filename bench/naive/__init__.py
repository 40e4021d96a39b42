"""What one would write in an afternoon: a Flask receiver, a Celery task, search, then create. It is here to be measured."""
