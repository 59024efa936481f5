"""Readings as files: streamed to who waits for them, or made by a job and kept for a while."""
