"""Long pieces of work: what a kind of job declares, and the runner that does them for the role ``work``."""
