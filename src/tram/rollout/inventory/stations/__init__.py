"""Stations as they stand: place, station, sector; their history; how they are counted."""
