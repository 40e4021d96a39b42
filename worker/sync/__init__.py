"""Makes Upsales match a plan; pure, and safe to repeat."""
