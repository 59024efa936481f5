"""Predicted coverage and its holes."""
