"""From captured requests of a new sender to a connector that passes every rule."""
