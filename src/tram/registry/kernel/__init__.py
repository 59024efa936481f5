"""What every noun of the registry stands on: database, tables, scope, audit, outbox, migrations."""
