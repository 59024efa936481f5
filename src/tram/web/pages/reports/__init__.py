"""The letter."""
