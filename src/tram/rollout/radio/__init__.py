"""Radio propagation: one module or folder per recommendation, each with its version."""
