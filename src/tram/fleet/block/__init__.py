"""The block: the form in which what gateways took travels through the log. Pure."""
