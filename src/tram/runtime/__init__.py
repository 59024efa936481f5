"""Clock, settings, processes, logging and errors; knows nothing of devices or provinces."""
