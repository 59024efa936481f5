"""Published cases against the models: ``python -m tram.rollout.radio.validate FOLDER``."""
