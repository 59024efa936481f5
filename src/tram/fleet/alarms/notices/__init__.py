"""Who is told, by which way and when; what waits, what failed, what was withdrawn."""
