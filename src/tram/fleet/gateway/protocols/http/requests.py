"""From bytes to requests: httptools does the grammar, this module keeps the limits."""

import zlib
from collections import deque
from typing import Final

import httptools

from tram.fleet.gateway.protocols.http.limits import HEAD_BYTES_MAX, IDEMPOTENCY_KEY_CHARS_MAX
from tram.runtime.errors import Refused

__all__ = ("Request", "Requests")

_GZIP: Final = 31  # the window bits of zlib that mean gzip with its head


class Request:
    """One request; ``error`` is set where it must be refused before looking at its path."""

    __slots__ = (
        "body",
        "encoding",
        "error",
        "idempotency_key",
        "keep_alive",
        "method",
        "noun",
        "query",
        "target",
    )

    def __init__(self) -> None:
        self.method = ""
        self.target = b""
        self.body = b""
        self.idempotency_key = ""
        self.encoding = ""
        self.noun = ""
        self.query = b""
        self.keep_alive = True
        self.error: Refused | None = None

    def refuse(self, error: Refused) -> None:
        """Note the first error; after some of them the connection cannot go on."""
        if self.error is None:
            self.error = error


class Requests:
    """Collects the requests of one connection in order.

    After a request whose end cannot be known any more, ``is_over`` is set and nothing is read.
    """

    def __init__(self, body_bytes_max: int) -> None:
        self.ready: deque[Request] = deque()
        self.is_over = False
        self.wants_continue = False
        self._body_bytes_max = body_bytes_max
        self._parser = httptools.HttpRequestParser(self)
        self._request = Request()
        self._parts: list[bytes] = []
        self._body_bytes = 0
        self._field_bytes = 0
        self._head_bytes = 0
        self._in_body = False
        self._has_begun = False

    @property
    def is_between(self) -> bool:
        """Whether no request has begun to arrive."""
        return not self._has_begun

    def feed(self, data: bytes) -> None:
        """Take what one read brought."""
        if self.is_over:
            return
        if not self._in_body:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.is_over = True  # the request itself is answered, as if it had not asked
        except httptools.HttpParserError:
            self._give_up(Refused("request.malformed", "This is not a request of HTTP/1.1."))
        if self._head_bytes > HEAD_BYTES_MAX and not self._in_body:
            self._give_up(self._head_too_large())

    # Called by httptools

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._request = Request()
        self._parts = []
        self._body_bytes = 0
        self._field_bytes = 0
        self._has_begun = True

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        self._request.target += url
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header field."""
        self._count(len(name) + len(value))
        match name.lower():
            case b"content-length":
                if value.isdigit() and int(value[:20]) > self._body_bytes_max:
                    self._request.refuse(self._too_large())
            case b"content-encoding" if value.lower() != b"identity":
                self._take_encoding(value.lower())
            case b"idempotency-key":
                self._take_idempotency_key(value)
            case b"expect":
                self.wants_continue = value.lower() == b"100-continue"
            case _:
                pass

    def on_headers_complete(self) -> None:
        """Turn to the body."""
        self._request.method = self._parser.get_method().decode("ascii")
        self._request.keep_alive = (
            self._parser.should_keep_alive() and not self._parser.should_upgrade()
        )
        self._in_body = True
        self._head_bytes = 0
        error = self._request.error
        if error is not None and error.code == "payload.too_large":
            self._give_up(error)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body, up to the limit."""
        self._body_bytes += len(body)
        if self._body_bytes <= self._body_bytes_max:
            self._parts.append(body)
        else:
            self._give_up(self._too_large())

    def on_message_complete(self) -> None:
        """Put the request into the queue."""
        self._in_body = False
        self._has_begun = False
        self.wants_continue = False
        if not self.is_over:
            body = b"".join(self._parts)
            self._request.body = self._unpacked(body) if self._request.encoding else body
            self._parts = []
            self.ready.append(self._request)

    def _give_up(self, error: Refused) -> None:
        if not self.is_over:
            self.is_over = True
            self._parts = []
            self._request = Request()
            self._request.keep_alive = False
            self._request.refuse(error)
            self.ready.append(self._request)

    def _count(self, count: int) -> None:
        self._field_bytes += count
        if self._field_bytes > HEAD_BYTES_MAX:
            self._request.refuse(self._head_too_large())

    @staticmethod
    def _head_too_large() -> Refused:
        return Refused(
            "request.head_too_large", f"The head is larger than {HEAD_BYTES_MAX} bytes."
        )

    def _take_idempotency_key(self, value: bytes) -> None:
        key = value.decode("latin-1").strip()
        if 0 < len(key) <= IDEMPOTENCY_KEY_CHARS_MAX and key.isascii() and key.isprintable():
            self._request.idempotency_key = key
        else:
            self._request.refuse(
                Refused(
                    "idempotency_key.wrong",
                    f"Idempotency-Key takes 1 to {IDEMPOTENCY_KEY_CHARS_MAX} ASCII characters.",
                )
            )

    def _take_encoding(self, value: bytes) -> None:
        if value == b"gzip":
            self._request.encoding = "gzip"
        else:
            self._request.refuse(_encoded("Only gzip is understood as Content-Encoding."))

    def _unpacked(self, body: bytes) -> bytes:
        """Return a compressed body unpacked, never more than the limit."""
        unpacker = zlib.decompressobj(_GZIP)
        try:
            content = unpacker.decompress(body, self._body_bytes_max + 1)
        except zlib.error:
            self._request.refuse(_encoded("The body is not what gzip made."))
            return b""
        if len(content) > self._body_bytes_max:
            self._request.refuse(self._too_large())
        elif not unpacker.eof or unpacker.unused_data:
            self._request.refuse(_encoded("The compressed body is cut, or more than one."))
        return content

    def _too_large(self) -> Refused:
        return Refused(
            "payload.too_large",
            f"The payload is larger than {self._body_bytes_max} bytes.",
            "Send smaller messages.",
        )


def _encoded(sentence: str) -> Refused:
    return Refused("request.encoded", sentence, "Send the body with gzip or as it is.")
