"""Recommendation ITU-R P.1812-8: point-to-area paths from 30 MHz to 6 GHz over terrain."""
