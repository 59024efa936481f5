"""The durable log (NATS JetStream): blocks of readings and the identity changes, in order."""
