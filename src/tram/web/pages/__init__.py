"""One module per page: read the address, call one use case, fill one template."""
