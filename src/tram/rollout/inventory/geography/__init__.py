"""Where things lie: borders of communes and zones, roads, fibre, people; presence by a stated rule."""
