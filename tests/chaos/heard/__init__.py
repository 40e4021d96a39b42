"""A sender in the chaos that posts nothing: it is listened to, and the listener is killed as other parts are."""
