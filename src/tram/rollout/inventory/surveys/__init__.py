"""Survey rounds: who is asked what until when, what they answered, and what became official."""
