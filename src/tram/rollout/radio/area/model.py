"""Which models an area is predicted by, and where the one takes over from the other."""

__all__ = ("FAR_M", "MODEL", "NEAR_M")

MODEL = "P.1812-8 delta-Bullington p=50% + TR 38.901 V17 (<250 m, blended to 400 m), v1"
"""Identity of the map model; it is stored with every result."""
NEAR_M, FAR_M = 250.0, 400.0
