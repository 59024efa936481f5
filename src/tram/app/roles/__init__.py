"""The wiring of each role: what it is made of, and its operations port."""
