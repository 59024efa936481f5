"""Reference data of this register, typed in from its sources with their marks."""
