"""Reference data of the product: zones with their sources, roles, profiles, first organisations."""
