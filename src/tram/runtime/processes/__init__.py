"""Processes and threads: children that never outlive us, pools, memory, open files."""
