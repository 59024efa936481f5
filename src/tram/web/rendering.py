"""Templates to pages: one environment per language, one ``Screen`` per request."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, pass_environment
from jinja2.runtime import Context
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.enums import MediaType

from tram.api.http.services import Services
from tram.api.http.session import provide_session
from tram.domain.permissions import Permission
from tram.domain.province import Province
from tram.domain.sectors import SECTOR_NAMES
from tram.domain.text import visible
from tram.registry.kernel.views import PersonSession
from tram.runtime.errors import Refused
from tram.runtime.i18n import DEFAULT_LOCALE, LOCALES, Catalog, load_catalogs
from tram.web import formats
from tram.web.assets import Assets, script_msgids
from tram.web.words import alarms as alarm_words
from tram.web.words import network as network_words
from tram.web.words import rollout as rollout_words
from tram.web.words import set_aside as aside_words
from tram.web.words import sharing as sharing_words
from tram.web.words import terms as words
from tram.web.words.faults import fault_text, problem_text, remedy_text
from tram.web.words.station_changes import changed_fields

__all__ = (
    "LANGUAGE_COOKIE",
    "THEME_COOKIE",
    "Pages",
    "Screen",
    "TakenScreen",
    "provide_screen",
    "remembered_screen",
)

LANGUAGE_COOKIE = "tram_language"
THEME_COOKIE = "tram_theme"
THEMES: tuple[str, ...] = ("auto", "light", "dark")
_SESSION_KEY = "tram_screen_session"
_TEMPLATES = Path(__file__).parent / "templates"

_Connection = ASGIConnection[Any, Any, Any, Any]


class Pages:
    """The templates in every language, made once at start."""

    def __init__(self, assets: Assets, province: Province) -> None:
        catalogs = load_catalogs()
        scripts = script_msgids()
        self._environments = {
            locale: _environment(catalog, assets, catalog.for_scripts(scripts))
            for locale, catalog in catalogs.items()
        }
        for environment in self._environments.values():
            environment.globals["province"] = province

    def render(self, locale: str, template: str, context: Mapping[str, object]) -> str:
        """Fill a template."""
        return self._environments[locale].get_template(template).render(context)


@dataclass(frozen=True, slots=True)
class Screen:
    """What a page needs beyond its own figures: language, theme, person, address, the clock."""

    pages: Pages
    locale: str
    theme: str
    path: str
    query: str
    now_ms: int
    session: PersonSession | None = None

    def show(self, template: str, status: int = HTTPStatus.OK, **context: object) -> Response[str]:
        """Answer with a filled template."""
        html = self.pages.render(self.locale, template, {"screen": self, **context})
        return Response(
            html, status_code=status, media_type=MediaType.HTML, headers={"vary": "cookie"}
        )

    @property
    def here(self) -> str:
        """Return the address of this page with its query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def may(self, permission: str) -> bool:
        """Say whether the person may do this anywhere; the use case decides in each case."""
        return self.session is not None and self.session.viewer.may(permission)

    def in_language(self, locale: str) -> "Screen":
        """Return the same screen in another language."""
        return replace(self, locale=locale)


def remembered_screen(connection: _Connection) -> Screen:
    """Return the screen for an error page, from what this request has loaded so far."""
    return _screen(connection, connection.state.get(_SESSION_KEY))


TakenScreen = NamedDependency[Screen]


async def provide_screen(request: Request[Any, Any, Any]) -> Screen:
    """Return the screen of a request; without a session it is that of a guest."""
    try:
        session = await provide_session(request)
    except Refused:
        session = None
    request.state[_SESSION_KEY] = session
    return _screen(request, session)


def _screen(connection: _Connection, session: PersonSession | None) -> Screen:
    services: Services = connection.app.state.services
    wanted = session.locale if session else connection.cookies.get(LANGUAGE_COOKIE, "")
    theme = connection.cookies.get(THEME_COOKIE, "auto")
    return Screen(
        pages=connection.app.state.pages,
        locale=wanted if wanted in LOCALES else DEFAULT_LOCALE,
        theme=theme if theme in THEMES else "auto",
        path=connection.scope["path"],
        query=connection.scope["query_string"].decode("latin-1"),
        now_ms=services.clock.now_ms(),
        session=session,
    )


def _environment(catalog: Catalog, assets: Assets, scripts: Mapping[str, str]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        finalize=formats.harmless,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["json.dumps_function"] = _json
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": True}
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        catalog.gettext, catalog.ngettext, newstyle=True
    )
    told: dict[str, Any] = environment.globals
    told |= {name: _with_harmless_values(told[name]) for name in ("gettext", "ngettext")}
    environment.filters |= {"lines": formats.lines, **_filters(catalog)}
    environment.filters["aside_word"] = partial(_word, catalog, aside_words.KINDS)
    texts = {**scripts, "sectors": dict(SECTOR_NAMES[catalog.locale])}
    environment.globals |= {**_globals(catalog, assets), "script_texts": texts}
    return environment


def _json(value: object, **wanted: Any) -> str:  # noqa: ANN401  # the encoder's own options
    """Return JSON for a script; what stands in its texts shows as everywhere else."""
    return visible(json.dumps(value, **wanted))


def _with_harmless_values(text_of: Callable[..., str]) -> Callable[..., str]:
    """Return a gettext function whose values are shown like what stands outside of sentences."""

    @pass_context
    def told(context: Context, *messages: Any, **values: Any) -> str:  # noqa: ANN401  # as templates call it
        """Return the sentence with its values."""
        shown = {name: formats.harmless(value) for name, value in values.items()}
        return text_of(context, *messages, **shown)

    return told


_WORDS = {
    **alarm_words.FILTERS,
    **words.FILTERS,
    **network_words.FILTERS,
    **rollout_words.FILTERS,
    **sharing_words.FILTERS,
}


def _filters(catalog: Catalog) -> dict[str, Callable[..., Any]]:
    """Return what templates write after a bar: figures and stored words as people read them."""
    locale = catalog.locale
    return {
        **{name: partial(_word, catalog, table) for name, table in _WORDS.items()},
        "number": partial(formats.number, locale=locale),
        "moment": partial(formats.moment, locale=locale),
        "reading": partial(formats.reading_text, locale=locale),
        "iso": formats.iso,
        "sector_word": lambda sector: SECTOR_NAMES[locale].get(sector, sector),
        "share": partial(formats.percent, locale=locale),
        "read_way": partial(_read_way, catalog),
        "changed": partial(changed_fields, catalog),
        "typed_day": formats.typed_day,
        "block_kind": rollout_words.block_kind,
        "day": partial(formats.day, locale=locale),
        "ratio": partial(formats.ratio, locale=locale),
        "pairs": lambda values: [(value, value) for value in values],
        "named": partial(_named, locale),
        "worded": _worded,
        "spoken": partial(_spoken, locale),
        "state_pairs": partial(_choices, catalog),
        "unit": words.unit_text,
        "bare": words.bare_name,
    }


def _globals(catalog: Catalog, assets: Assets) -> dict[str, Any]:
    """Return what every template may call or walk over."""
    return {
        "own": assets.own,
        "vendor": assets.vendor,
        "report_home": _report_home,
        "states": words.STATES,
        "source_marks": tuple(rollout_words.SOURCE_MARKS),
        "task_states": tuple(rollout_words.TASK_STATES),
        "task_state_choices": _choices(catalog, rollout_words.TASK_STATES),
        "task_step_choices": _choices(catalog, rollout_words.TASK_STEPS),
        "document_roles": _choices(catalog, rollout_words.DOCUMENT_ROLES),
        "aside_address": aside_words.address_of,
        "org_kinds": _choices(catalog, sharing_words.ORG_KINDS),
        "action_choices": _choices(catalog, sharing_words.ACTIONS),
        "recommendation_kinds": _choices(catalog, rollout_words.RECOMMENDATION_KINDS),
        "percent": partial(formats.percent, locale=catalog.locale),
        "bar": formats.size_step,
        "said": catalog.gettext,
        "fault_text": partial(fault_text, catalog),
        "remedy_text": partial(remedy_text, catalog),
        "said_by_code": partial(problem_text, catalog),
    }


def _word(catalog: Catalog, table: Mapping[str, str], word: str) -> str:
    """Return the text for a stored word; a word newer than this page is shown as it is."""
    return catalog.gettext(table.get(word, word))


def _spoken(locale: str, item: object, field: str = "name") -> object:
    """Return a field that a register keeps in both languages, as ``name_vi`` and ``name_en``."""
    return getattr(item, f"{field}_{'vi' if locale == 'vi' else 'en'}")


def _named(locale: str, items: Iterable[Any], key: str = "id") -> list[tuple[object, object]]:
    """Return key and name of each, for a field of choices."""
    return [
        (getattr(item, key), item.name if hasattr(item, "name") else _spoken(locale, item))
        for item in items
    ]


@pass_environment
def _worded(
    environment: Environment, values: Iterable[object], word: str, unit: str = ""
) -> list[tuple[object, str]]:
    """Return values with what the filter ``word`` makes of them, for a field of choices."""
    return [(value, f"{environment.filters[word](value)}{unit}") for value in values]


def _read_way(catalog: Catalog, what: str) -> str:
    """Return how lent data was read; the ending of a file stays behind the word."""
    way, dot, ending = what.partition(".")
    return _word(catalog, sharing_words.READ_WAYS, way) + (f" ({dot}{ending})" if dot else "")


def _report_home(screen: Screen) -> str:
    """Return the first of the report's pages that the person may read, empty if none."""
    homes = {
        Permission.REPORT_READ: "/reports",
        Permission.INVENTORY_READ: "/reports/targets",
        Permission.DIRECTIVE_READ: "/reports/directives",
    }
    return next((home for permission, home in homes.items() if screen.may(permission)), "")


def _choices(catalog: Catalog, table: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return stored words with their texts, for a field of choices."""
    return [(stored, catalog.gettext(text)) for stored, text in table.items()]
