"""Wires everything; nobody imports it.

```
cli            parses, and turns errors into one sentence and an exit code
commands       what an administrator types
roles          the wiring of each process
supervision    all processes under one
demo           a simulated province
installation   the folder, keys, settings and ports of one installation
```
"""
