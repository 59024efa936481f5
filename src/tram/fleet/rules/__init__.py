"""Rules as data: compiled to arrays and judged over whole blocks, without clock or I/O."""
