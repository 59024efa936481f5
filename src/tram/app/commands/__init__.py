"""What an administrator types: each command parses, calls one thing and says what it did."""
