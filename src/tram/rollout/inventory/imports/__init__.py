"""Imports of station lists: kept file, plan, dry run, writing and undoing, done by the role work."""
