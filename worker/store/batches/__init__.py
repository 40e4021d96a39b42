"""Does one thing to many events: a frozen set, one after the other."""
