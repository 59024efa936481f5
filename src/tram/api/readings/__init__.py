"""What devices said: newest values, the past, corrections, exports."""
