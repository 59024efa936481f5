"""Where we stand, on one screen, and what was set aside."""
