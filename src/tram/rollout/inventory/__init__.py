"""What stands and what is wanted: official dated counts, targets, and the distance between them."""
