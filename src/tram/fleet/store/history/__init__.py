"""The past in buckets: rollups that follow the readings, gaps, how long raw readings stay."""
