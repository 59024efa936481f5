"""Hostile devices, people, files and strangers for ``tools/fuzz_product.py``, each from one seed."""
