"""From blocks of the log to rows on disk: what came twice is dropped, everything else exactly once."""
