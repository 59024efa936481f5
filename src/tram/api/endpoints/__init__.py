"""Routes by subject: decode, call one use case, encode. No rule lives here."""
