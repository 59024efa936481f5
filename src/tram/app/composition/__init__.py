"""The composition root: web, work, commands and the first start take their parts from here, ready made.

By weight, as each process pays for what it imports: ``engines``, then ``registers``, then ``services``.
"""
