"""What a network covers: many sectors over real terrain, as grids, tables and polygons."""
