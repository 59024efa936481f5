"""Groups, loans, and who read what was lent."""
