"""The running store: opened, followed, asked and backed up; the client of everybody else."""
