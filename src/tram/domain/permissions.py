"""What a role may allow: the permissions that scopes hold and every query asks for."""

from enum import StrEnum

__all__ = ("Permission",)


class Permission(StrEnum):
    """One permission; its value is what roles, tokens and answers name it by."""

    DEVICE_READ = "device.read"
    DEVICE_WRITE = "device.write"
    DEVICE_CREDENTIAL = "device.credential"
    GRANT_WRITE = "grant.write"
    ZONE_READ = "zone.read"
    ORG_READ = "org.read"
    ORG_WRITE = "org.write"
    PERSON_READ = "person.read"
    PERSON_WRITE = "person.write"
    AUDIT_READ = "audit.read"
    JOB_READ = "job.read"
    JOB_WRITE = "job.write"
    OPS_READ = "ops.read"
    INVENTORY_READ = "inventory.read"
    INVENTORY_WRITE = "inventory.write"
    DIRECTIVE_READ = "directive.read"
    DIRECTIVE_WRITE = "directive.write"
    REPORT_READ = "report.read"
    REPORT_WRITE = "report.write"
    ALARM_READ = "alarm.read"
    ALARM_WRITE = "alarm.write"
    RULE_READ = "rule.read"
    RULE_WRITE = "rule.write"
