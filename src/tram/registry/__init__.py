"""Organisations, people, devices and who may do what with them: what the platform knows by name.

```
registry      one object that opens the database and holds a repository per noun
jobs          long work that people asked for
privacy | devices      consents, requests about oneself | devices, claims, bulk acts, downlinks
sharing       loans, groups and grants: who may read whose device
credentials   tokens, certificates and enrolments of devices
people        persons, log-ins, sessions, invitations, mail
organisations the tree of organisations, the zones
kernel        database, tables, scope of a viewer, audit, outbox, migrations
```
"""
