"""Between processes, over NATS: relays of the registry's changes, questions to it, frames, peers."""
