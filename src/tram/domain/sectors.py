"""The five sectors that the province manages its devices by."""

__all__ = ("SECTORS",)

SECTORS: tuple[str, ...] = ("environment", "agriculture", "traffic", "energy", "safety")
