"""The HTTP interface: decode, one use case, encode. ``errors`` is the only mapping to HTTP."""
