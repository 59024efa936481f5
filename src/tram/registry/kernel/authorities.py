"""The two authorities that every province has, by the codes of their organisations."""

__all__ = ("OWNER_CODE", "ROOT_CODE")

ROOT_CODE = "UBND"
"""The People's Committee: every organisation is under it."""
OWNER_CODE = "SKHCN"
"""The Department of Science and Technology keeps what belongs to the province as a whole."""
