"""People, their roles and invitations; one's own account and personal data."""
