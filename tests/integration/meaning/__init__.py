"""Stories of senders, told to the whole relay, and what a sales person then finds in Upsales."""
