"""Personal data: consents, requests of the persons concerned, what is kept about them, its removal."""
