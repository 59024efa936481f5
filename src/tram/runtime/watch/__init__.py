"""What each part is doing: signs of life, the record it works on, what alone brings it down."""
