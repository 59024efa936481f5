"""HTTP for devices: ``/api/v1/{token}/…``, answered when what was sent is on disk."""
