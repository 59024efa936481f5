"""``tram settings``: every setting, as a file to begin with."""

from tram.app.commands.terminal import say
from tram.app.installation.settings import commented_file

__all__ = ("settings",)


def settings() -> None:
    """Print every setting with its meaning and default, as a tram.toml."""
    say(commented_file())
