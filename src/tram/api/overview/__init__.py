"""Where we stand: the first page, the machinery, what was set aside, the audit."""
