"""Payload decoders: bytes to rows. Pure functions, no sockets, no clock."""
