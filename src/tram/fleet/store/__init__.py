"""Readings, latest values and device states, behind one query port (ClickHouse dialect)."""
