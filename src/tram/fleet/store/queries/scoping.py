"""Which rows a viewer may read, as SQL over the columns ``org_id``, ``device`` and ``metric``.

A row is readable when its own organisation (as of acceptance) lies in the subtree of one of the
viewer's scopes or was lent to one, and its device is in that scope's zone and sector now.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from tram.fleet.store.state.dimensions import ANY_ZONE, Dimensions
from tram.fleet.store.views import ScopeAsked
from tram.runtime.errors import Refused

__all__ = (
    "READABLE",
    "READABLE_ORGS",
    "SCOPES_MAX",
    "Scoped",
    "bound",
    "device_scope",
    "filled",
    "named_devices",
    "owned_by",
    "quoted_list",
    "readable",
    "scoped",
)

SCOPES_MAX = 64
ORGS_MAX = 1_000
"""Organisations that a statement names one by one; of more it reads the closure."""
_CLOSURE = "(SELECT org, arrayJoin(ancestors) AS ancestor FROM tram.dim_org FINAL)"
_BELOW = f"SELECT c.org FROM {_CLOSURE} AS c WHERE c.ancestor = {{org:Int64}}"  # noqa: S608  # constants
_LOANS = f"""
    FROM (
        SELECT device, metric, from_org FROM tram.dim_grant FINAL
        WHERE gone = 0 AND until_ms > {{now_ms:Int64}} AND to_org IN ({_BELOW})
    ) AS g
    INNER JOIN {_CLOSURE} AS c ON c.ancestor = g.from_org
"""  # noqa: S608  # likewise
_FITTING = """
    SELECT device FROM tram.dim_device FINAL
    WHERE gone = 0 AND ({zone:Int64} = -1 OR zone = {zone:Int64})
        AND ({sector:String} = '' OR sector = {sector:String})
"""
_OWN_ROWS = f"org_id IN ({_BELOW})"
_LENT_ROWS = f"""
    OR org_id IN (SELECT c.org {_LOANS} WHERE g.device = 0 AND g.metric = '')
    OR (org_id, metric) IN (SELECT c.org, g.metric {_LOANS} WHERE g.device = 0 AND g.metric != '')
    OR (org_id, device) IN (SELECT c.org, g.device {_LOANS} WHERE g.device != 0 AND g.metric = '')
    OR (org_id, device, metric) IN
        (SELECT c.org, g.device, g.metric {_LOANS} WHERE g.device != 0 AND g.metric != '')
"""  # likewise

_FITTING_SCOPES = """
    SELECT w.scope_org AS scope_org
    FROM (
        SELECT tupleElement(x, 1) AS scope_org, tupleElement(x, 2) AS scope_zone,
            tupleElement(x, 3) AS scope_sector
        FROM (SELECT arrayJoin(arrayZip({scope_orgs:Array(Int64)}, {scope_zones:Array(Int64)},
            {scope_sectors:Array(String)})) AS x)
    ) AS w
    CROSS JOIN (
        SELECT zone, sector FROM tram.dim_device FINAL WHERE device = {device:Int64} AND gone = 0
    ) AS d
    WHERE w.scope_zone IN (-1, d.zone) AND w.scope_sector IN ('', d.sector)
"""
READABLE_ORGS = f"""
    SELECT c.org FROM {_CLOSURE} AS c WHERE c.ancestor IN ({_FITTING_SCOPES})
    UNION DISTINCT
    SELECT c.org FROM {_CLOSURE} AS c WHERE c.ancestor IN (
        SELECT from_org FROM tram.dim_grant FINAL
        WHERE gone = 0 AND until_ms > {{now_ms:Int64}} AND device IN (0, {{device:Int64}})
            AND metric IN ('', {{metric:String}})
            AND to_org IN (
                SELECT t.org FROM {_CLOSURE} AS t WHERE t.ancestor IN ({_FITTING_SCOPES})
            )
    )
"""  # noqa: S608  # constants of this module; values are bound
"""The organisations whose readings of one device and metric the scopes may read."""
READABLE = "@READABLE"
"""Where a statement about one device takes the condition of ``readable``."""


class Scoped(NamedTuple):
    """A condition and the values that it binds."""

    condition: str
    params: dict[str, str]


def named_devices(
    scopes: Sequence[ScopeAsked], devices: Sequence[int], now_ms: int, known: Dimensions
) -> list[int] | None:
    """Return the named devices that may count at all, if one scope without loans decides that.

    A statement over few rows takes less time than finding them: what the question itself names is
    looked up where the store has it in memory, and only the owner of each row is left to compare.
    """
    if len(scopes) != 1 or not devices or known.is_lent(scopes[0].org, now_ms):
        return None
    if len(known.subtree(scopes[0].org)) > ORGS_MAX:
        return None
    return known.fitting(scopes[0], devices)


def owned_by(org: int, known: Dimensions) -> Scoped:
    """Return the condition that a row belongs to an organisation or one below it."""
    orgs = known.subtree(org)
    return Scoped("org_id IN {scope_orgs:Array(Int64)}", {"scope_orgs": str(orgs)})


def scoped(
    scopes: Sequence[ScopeAsked],
    now_ms: int,
    is_lent: Callable[[int, int], bool],
    *,
    is_few: bool,
) -> Scoped:
    """Return what limits a statement to the rows that these scopes reach.

    ``is_lent`` spares the search for loans where there are none; ``is_few`` says that the question
    names its devices (``{devices:Array(Int64)}``).

    Raises:
        Refused: ``store.question`` for more than 64 scopes.
    """
    if len(scopes) > SCOPES_MAX:
        raise Refused("store.question", f"At most {SCOPES_MAX} scopes are joined at once.")
    parts: list[str] = []
    params = {"now_ms": str(now_ms)}
    among = " AND device IN {devices:Array(Int64)}" if is_few else ""
    for number, scope in enumerate(scopes):
        lent = _LENT_ROWS if is_lent(scope.org, now_ms) else ""
        part = f"(device IN ({_FITTING}{among}) AND ({_OWN_ROWS}{lent}))"
        for name in ("org:Int64", "zone:Int64", "sector:String"):
            part = part.replace(f"{{{name}}}", f"{{scope{number}_{name}}}")
        parts.append(part)
        params[f"scope{number}_org"] = str(scope.org)
        params[f"scope{number}_zone"] = str(ANY_ZONE if scope.zone is None else scope.zone)
        params[f"scope{number}_sector"] = bound(scope.sector or "")
    return Scoped(f"({' OR '.join(parts) or '0'})", params)


def readable(
    scopes: Sequence[ScopeAsked], device: int, metric: str, now_ms: int, known: Dimensions
) -> Scoped:
    """Return the condition that a row of the device and metric may be read.

    Looking its organisations up in memory takes a fraction of what the sub-statements take.
    """
    orgs = known.readable_orgs(scopes, device, metric, now_ms)
    if len(orgs) > ORGS_MAX:
        return Scoped(f"org_id IN ({READABLE_ORGS})", device_scope(scopes, device, metric, now_ms))
    params = {"device": str(device), "metric": bound(metric)}
    return Scoped("org_id IN {readable:Array(Int64)}", params | {"readable": str(sorted(orgs))})


def device_scope(
    scopes: Sequence[ScopeAsked], device: int, metric: str, now_ms: int
) -> dict[str, str]:
    """Return what ``READABLE_ORGS`` binds."""
    zones = [ANY_ZONE if scope.zone is None else scope.zone for scope in scopes]
    return {
        "device": str(device),
        "metric": bound(metric),
        "now_ms": str(now_ms),
        "scope_orgs": str([scope.org for scope in scopes]),
        "scope_zones": str(zones),
        "scope_sectors": quoted_list([scope.sector or "" for scope in scopes]),
    }


def bound(text: str) -> str:
    """Return a text as a bound parameter carries it."""
    for plain, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, escaped)
    return text


def quoted_list(texts: Sequence[str]) -> str:
    """Return texts as a bound array."""
    return f"[{', '.join(_quoted(text) for text in texts)}]"


def filled(sql: str, parts: Mapping[str, str]) -> str:
    """Return a statement with its ``@NAME`` places filled."""
    for name, text in parts.items():
        sql = sql.replace(f"@{name}", text)
    return sql


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
