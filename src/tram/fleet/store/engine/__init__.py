"""The database engine, embedded or a server: one SQL, tables, inserts exactly once, the checkpoint."""
