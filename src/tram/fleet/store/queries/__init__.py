"""Every question: its struct in ``questions``, its handler and SQL beside those like it."""
