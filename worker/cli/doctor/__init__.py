"""`relay doctor`: facts are gathered in one place, judged by pure functions, and shown."""
