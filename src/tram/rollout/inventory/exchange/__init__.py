"""Lists of stations in and out of files: pure, from bytes to checked drafts and back."""
