"""Live views over a WebSocket, each shown what its viewer may see."""
