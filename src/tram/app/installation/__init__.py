"""One installation on this machine: its folder, keys, settings, ports, log server and backup file."""
