"""The pages as a person meets them: Chromium over the whole running product."""
