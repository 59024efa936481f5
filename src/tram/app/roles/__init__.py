"""The wiring of each role: what it is made of, its work and its operations port."""
