"""Wires everything: the command line, the supervisor, the roles, operations."""
