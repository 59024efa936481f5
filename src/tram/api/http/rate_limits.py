"""How often a token and an organisation may ask: buckets that fill up again, in this process."""

from collections import OrderedDict

from tram.domain.addresses import neighbourhood
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Unavailable

__all__ = ("Rates",)

_KEPT_MAX = 10_000
"""Buckets remembered at once; beyond it the one used longest ago is forgotten (and full again)."""
_MINUTE_S = 60.0
PER_ADDRESS = 600
"""Requests a minute without a session from one address; an office shares one."""
_WORDS = {"token": "token", "org": "organisation", "address": "address"}


class Rates:
    """Allows so many requests a minute, a minute's worth at once."""

    def __init__(self, per_token: int, per_org: int, per_address: int = PER_ADDRESS) -> None:
        self._limits = {"token": per_token, "org": per_org, "address": per_address}
        self._buckets: OrderedDict[tuple[str, int | str], tuple[float, float]] = OrderedDict()

    def ask(self, viewer: Viewer, now_s: float) -> None:
        """Take one request of the viewer's token and of its organisation.

        Raises:
            Unavailable: ``rate.too_often`` with the seconds until the next is allowed.
        """
        if viewer.token is not None:
            self._take("token", viewer.token, now_s)
        self._take("org", viewer.org, now_s)

    def ask_address(self, address: str, now_s: float) -> None:
        """Take one request of an address that nobody is logged in from (IPv6: of its /64).

        Raises:
            Unavailable: ``rate.too_often`` with the seconds until the next is allowed.
        """
        self._take("address", neighbourhood(address), now_s)

    def _take(self, kind: str, number: int | str, now_s: float) -> None:
        limit, key = self._limits[kind], (kind, number)
        left, since_s = self._buckets.pop(key, (float(limit), now_s))
        left = min(float(limit), left + (now_s - since_s) * limit / _MINUTE_S)
        self._buckets[key] = (max(left - 1, 0.0) if left >= 1 else left, now_s)
        if len(self._buckets) > _KEPT_MAX:
            self._buckets.popitem(last=False)
        if left < 1:
            raise Unavailable(
                "rate.too_often",
                f"Too many requests came from this {_WORDS[kind]}.",
                "Ask less often: wait as long as Retry-After says.",
                retry_after_s=max(1, round((1 - left) * _MINUTE_S / limit)),
            )
