"""Protocols and blocks: takes what devices send, answers only when it is on disk."""
