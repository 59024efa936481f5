"""Pages: they show what the registry and the store return and hold no rule."""
