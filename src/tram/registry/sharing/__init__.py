"""Reading each other's devices: groups, loans for a purpose and a time, grants, and who has read."""
