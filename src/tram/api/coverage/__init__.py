"""Predicted coverage, its holes, one path explained, and what devices measure of it."""
