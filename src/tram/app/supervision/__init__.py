"""All parts under one process: started in order, watched, kept alive, stopped in order."""
