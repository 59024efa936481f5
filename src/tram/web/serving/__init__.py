"""How the port of pages and interface is kept open for everybody: connections, their times, turns."""
