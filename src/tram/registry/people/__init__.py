"""Persons and how they come in: passwords, second factor, sessions, invitations, mail, API tokens."""
