"""The ground: elevation and what stands on it, as one memory-mapped grid in metres."""
