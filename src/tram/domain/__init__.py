"""The shared words: identifiers, readings, sectors, folded text. Frozen, no input or output."""
