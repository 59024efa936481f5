"""Several connections' reads at once: a small library in C that saves Python a step per message.

Steady plain-TCP connections are read by one call for all that have something (``reader.c``). The
commonest packet, a PUBLISH of flat telemetry under known keys, goes straight into the block's
columns (``payload.c``); its PUBACK leaves with those of all others by one call when the block is on
disk. Whatever is rarer goes, with its bytes and in its order, to the Python that reads everything
(``mqtt``). The library is optional: without it, that Python reads the common packet too, and a test
proves that both say the same of the same bytes.
"""
