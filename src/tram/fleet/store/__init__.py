"""Readings, latest values and device states, behind one query port (ClickHouse dialect).

```
serving   the process: opens, follows the log, answers questions
ingest | queries    blocks to rows | SQL of each question
history   rollups, gaps, retention
state     what is known of every device and series, in arrays
engine    the database, embedded or a server
```
"""
