"""When Python looks for cycles of objects that nobody has any more: everything waits meanwhile."""

import gc

__all__ = ("collect_in_small_steps", "collect_seldom")

_SELDOM_OBJECTS = 50_000
_STEP_OBJECTS = 1_000
_STEPS, _WHOLES = 20, 10
"""So many steps before what outlived them is looked at, and so many such looks before a whole one."""


def collect_seldom() -> None:
    """Suit streams: a block of messages is none of the collector's business.

    What was made until now lives for ever and is not looked at again.
    """
    gc.freeze()
    gc.set_threshold(_SELDOM_OBJECTS, *gc.get_threshold()[1:])


def collect_in_small_steps() -> None:
    """Suit people who wait for answers: what pages leave behind goes in steps of milliseconds.

    With seldom ones each takes a tenth of a second, in which nobody is answered; a look at everything
    still does, and is rare. What was made until now lives for ever and is not looked at again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_STEP_OBJECTS, _STEPS, _WHOLES)
