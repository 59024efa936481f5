"""What needs both halves: the fleet and the rollout."""
