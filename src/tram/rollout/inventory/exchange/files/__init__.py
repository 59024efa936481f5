"""Formats of files, in and out: CSV, XLSX, GeoJSON, GeoPackage."""
