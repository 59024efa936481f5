"""Readings, latest values and device states, behind one query port (ClickHouse dialect).

```
serving   the process: opens, follows the log, answers questions
ingest | queries    blocks to rows | each question: its struct, its handler, its SQL
history   rollups, gaps, retention
state     what is known of every device and series, in arrays
engine    the database, embedded or a server
```
"""
