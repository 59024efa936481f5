"""Whole numbers to places: a hash table of two arrays that the kernel can read."""

import numpy as np
import numpy.typing as npt

from tram.fleet.rules.arrays import Array
from tram.fleet.rules.compiled import compiled, inner

__all__ = ("ABSENT", "KeyTable")

ABSENT = -1
_EMPTY = -(2**63)
_ROOM_FIRST = 1024
_MIX = 0x9E3779B97F4A7C15 - 2**64
_SHIFT = 29

Ints = npt.NDArray[np.int64]


@inner
def _place(keys: Array, key: int) -> int:
    """Return where a key is, or where it would go."""
    mask = len(keys) - 1
    mixed = key * _MIX
    place = (mixed ^ (mixed >> _SHIFT)) & mask
    while keys[place] != _EMPTY and keys[place] != key:
        place = (place + 1) & mask
    return place


@compiled
def _find(keys: Array, values: Array, wanted: Array, found: Array) -> None:
    for n in range(len(wanted)):
        place = _place(keys, wanted[n])
        found[n] = values[place] if keys[place] != _EMPTY else ABSENT


@compiled
def _put(keys: Array, values: Array, new_keys: Array, new_values: Array) -> int:
    added = 0
    for n in range(len(new_keys)):
        place = _place(keys, new_keys[n])
        added += keys[place] == _EMPTY
        keys[place], values[place] = new_keys[n], new_values[n]
    return added


class KeyTable:
    """Grows by itself; no key is ever taken out."""

    def __init__(self) -> None:
        self._keys: Ints = np.full(_ROOM_FIRST, _EMPTY, np.int64)
        self._values: Ints = np.zeros(_ROOM_FIRST, np.int64)
        self._count = 0

    def find(self, keys: Ints) -> Ints:
        """Return the value of each key, ``ABSENT`` where there is none."""
        found = np.empty(len(keys), np.int64)
        _find(self._keys, self._values, keys, found)
        return found

    def put(self, keys: Ints, values: Ints) -> None:
        """Set values of keys."""
        needed = 2 * (self._count + len(keys))
        if needed > len(self._keys):
            room = len(self._keys)
            while room < needed:
                room *= 2
            old_keys, old_values = self.items()
            self._keys, self._values = np.full(room, _EMPTY, np.int64), np.zeros(room, np.int64)
            self._count = _put(self._keys, self._values, old_keys, old_values)
        self._count += _put(self._keys, self._values, keys, values)

    def items(self) -> tuple[Ints, Ints]:
        """Return all keys and their values, in no order."""
        used = self._keys != _EMPTY
        return self._keys[used], self._values[used]
