"""A sender whose webhooks tell ids alone, and may not come: what it has is read of its API."""
