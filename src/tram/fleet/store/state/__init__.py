"""What the store knows of every device and series, in arrays; rebuilt from tables where it is lost."""
