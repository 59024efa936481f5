"""The pages without a browser: what they say, to whom, and with which headers."""
