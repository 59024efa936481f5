"""The durable log (NATS JetStream): blocks in order, and the sessions that outlive a gateway."""
