"""The bytes under every MQTT packet: numbers, strings, and reading them one after the other.

Chapter numbers in comments are those of the OASIS standards MQTT Version 3.1.1 and, where they
begin with 5:, MQTT Version 5.0. Everything that the standards forbid raises ``Malformed``; nothing
else is ever raised over bytes from outside.
"""

from typing import Final

__all__ = (
    "MALFORMED_PACKET",
    "PROTOCOL_ERROR",
    "TEXT_BYTES_MAX",
    "Malformed",
    "Reader",
    "binary",
    "decode_text",
    "read_length",
    "text",
    "variable",
)

LENGTH_BYTES_MAX: Final = 4
TEXT_BYTES_MAX: Final = 65_535
VARIABLE_MAX: Final = 268_435_455

# Reason codes that bytes alone can earn (5: 2.4).
MALFORMED_PACKET: Final = 0x81
PROTOCOL_ERROR: Final = 0x82


class Malformed(Exception):
    """The bytes break the standard: the connection must be closed.

    ``reason`` is the reason code that MQTT 5 gives for it.
    """

    def __init__(self, sentence: str, reason: int = MALFORMED_PACKET) -> None:
        super().__init__(sentence)
        self.reason = reason


def read_length(data: bytes, position: int) -> tuple[int, int]:
    """Return the variable number at ``position`` and where it ends; (-1, 0) if cut.

    Raises:
        Malformed: if the number takes more than four bytes.
    """
    length = shift = 0
    for at in range(position, min(position + LENGTH_BYTES_MAX, len(data))):
        byte = data[at]
        length |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004  # the continuation bit
            return length, at + 1
        shift += 7
    if len(data) >= position + LENGTH_BYTES_MAX:
        raise Malformed("The remaining length takes more than four bytes.")
    return -1, 0


def variable(number: int) -> bytes:
    """Return a number of up to 28 bits, seven per byte (2.2.3)."""
    if not 0 <= number <= VARIABLE_MAX:
        raise ValueError(f"{number} does not fit into four bytes of seven bits.")
    raw = bytearray()
    while number > 0x7F:  # noqa: PLR2004  # seven bits per byte
        raw.append(number & 0x7F | 0x80)
        number >>= 7
    raw.append(number)
    return bytes(raw)


def text(string: str) -> bytes:
    """Return a string with its length before it."""
    return binary(string.encode())


def binary(raw: bytes) -> bytes:
    """Return bytes with their length before them."""
    if len(raw) > TEXT_BYTES_MAX:
        raise ValueError(f"{len(raw)} bytes do not fit into one field.")
    return len(raw).to_bytes(2, "big") + raw


def decode_text(raw: bytes) -> str:
    """Return a string of the protocol.

    Raises:
        Malformed: if it is not UTF-8 or holds the character NUL (1.5.3).
    """
    try:
        string = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("A string is not UTF-8.") from None
    if "\0" in string:
        raise Malformed("A string holds the character NUL.")
    return string


class Reader:
    """Reads the fields of a body one after the other."""

    __slots__ = ("_at", "_body")

    def __init__(self, body: bytes, at: int = 0) -> None:
        self._body = body
        self._at = at

    @property
    def at(self) -> int:
        """Return the place of the next byte."""
        return self._at

    @property
    def at_end(self) -> bool:
        """Whether every byte was read."""
        return self._at == len(self._body)

    def byte(self) -> int:
        """Read one byte."""
        return self.take(1)[0]

    def number(self, size: int = 2) -> int:
        """Read a number of ``size`` bytes."""
        return int.from_bytes(self.take(size), "big")

    def variable(self) -> int:
        """Read a number of seven bits per byte."""
        number, end = read_length(self._body, self._at)
        if number < 0:
            raise Malformed("The packet is cut.")
        self._at = end
        return number

    def packet_id(self) -> int:
        """Read a packet id, which is never 0."""
        packet_id = self.number()
        if not packet_id:
            raise Malformed("Packet id 0 is forbidden.", PROTOCOL_ERROR)
        return packet_id

    def binary(self) -> bytes:
        """Read bytes with their length before them."""
        return self.take(self.number())

    def text(self) -> str:
        """Read a string with its length before it."""
        return decode_text(self.binary())

    def end(self) -> None:
        """Check that nothing is left."""
        if not self.at_end:
            raise Malformed("The packet is longer than its fields.")

    def take(self, count: int) -> bytes:
        """Read so many bytes."""
        start, self._at = self._at, self._at + count
        if self._at > len(self._body):
            raise Malformed("The packet is cut.")
        return self._body[start : self._at]
