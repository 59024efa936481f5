"""The rules that a letter is examined by before anybody signs it."""
