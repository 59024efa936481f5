"""What the devices say: from their bytes to a stored, scoped, queryable reading."""
