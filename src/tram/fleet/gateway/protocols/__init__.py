"""One folder per protocol: what its ``protocol`` module says of it is all that the gateway knows."""
