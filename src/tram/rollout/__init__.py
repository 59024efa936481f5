"""The 5G rollout: what stands, how far the target is, and who was told to do what."""
