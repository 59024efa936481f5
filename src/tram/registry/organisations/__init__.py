"""The tree of organisations, the zones of the province, and the first content of both."""
