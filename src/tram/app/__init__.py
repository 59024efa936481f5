"""The command line, the supervisor and the wiring of every role. Nobody imports it."""
