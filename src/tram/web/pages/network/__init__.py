"""The 5G network: stations, counts, targets, surveys, imports."""
