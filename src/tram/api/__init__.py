"""The HTTP interface: decode, one use case, encode. A room per noun: use cases beside their routes.

``http.errors`` is the only mapping to HTTP.
"""
