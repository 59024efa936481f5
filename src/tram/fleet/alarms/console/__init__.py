"""What people see of alarms and do with them: lists, counts, their handling."""
