"""Figures that a person and a program can read, taken from the running product from outside."""
