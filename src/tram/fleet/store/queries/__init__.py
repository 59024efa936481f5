"""Every question about history: range, aggregate, compare, completeness, gaps, revisions, rows."""
