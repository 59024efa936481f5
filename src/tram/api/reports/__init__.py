"""The letter: draft, findings, texts, versions."""
