"""The web application: pages, API, static files and the operators' doors in one ASGI app."""

import hmac
from http import HTTPStatus
from typing import Any

from litestar import Litestar, MediaType, Request, Response, Router, get
from litestar.config.compression import CompressionConfig
from litestar.di import Provide
from litestar.exceptions import HTTPException, NotFoundException
from litestar.response import Redirect
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Gauge,
    generate_latest,
)

from tram.api.http.services import Services
from tram.api.plugin import PlatformApi
from tram.runtime.errors import Unavailable
from tram.runtime.watch.part_states import PartStatesCollector, public_sentence
from tram.web.assets import load_assets
from tram.web.error_pages import nothing_here, page_of_error
from tram.web.pages.alarms import alarm_setup, alarms, rules
from tram.web.pages.coverage import coverage
from tram.web.pages.devices import (
    device,
    device_downlinks,
    device_past,
    devices,
    enrolments,
    new_device,
)
from tram.web.pages.devices.new_device import DeviceAddresses
from tram.web.pages.directives import directives
from tram.web.pages.directives import recommendations as requests
from tram.web.pages.network import counts, imports, network, surveys, targets
from tram.web.pages.overview import overview
from tram.web.pages.overview import set_aside as aside
from tram.web.pages.people import account, login, people, privacy
from tram.web.pages.places import province_map, zones
from tram.web.pages.reports import reports
from tram.web.pages.sharing import sharing
from tram.web.rendering import Pages, provide_screen
from tram.web.security import secure_headers
from tram.web.static_files import static_file

__all__ = ("DeviceAddresses", "create_app")

_COMPRESS_LEVEL = 5
_BODY_BYTES_MAX = 1_048_576

_PAGES = (
    login.login_page,
    login.log_in,
    login.code_page,
    login.answer_code,
    login.begin_oidc,
    login.end_oidc,
    login.log_out,
    login.set_language,
    overview.overview_page,
    province_map.map_page,
    coverage.coverage_page,
    coverage.order_page,
    coverage.order_progress,
    coverage.cancel_order,
    coverage.path_page,
    coverage.drive_test_page,
    devices.devices_page,
    new_device.new_device_page,
    new_device.add_device,
    device.now_page,
    device.chart_page,
    device.messages_page,
    device_downlinks.downlinks_page,
    device_downlinks.call_method,
    device_downlinks.share_values,
    device.access_page,
    device_past.gaps_page,
    device_past.corrections_page,
    device_past.add_correction,
    device_past.take_back_correction,
    device_past.quarantine_page,
    device.issue_token,
    device.revoke_token,
    network.stations_page,
    network.station_page,
    network.zones_page,
    zones.zone_page,
    zones.mend_zone,
    network.communes_page,
    imports.imports_page,
    imports.upload_list,
    imports.import_page,
    imports.plan_import,
    imports.write_import,
    imports.undo_import,
    imports.cancel_import,
    imports.failed_rows_file,
    surveys.surveys_page,
    surveys.open_survey,
    surveys.survey_page,
    surveys.answer_survey,
    surveys.decide_survey,
    alarms.alarms_page,
    alarms.incident_page,
    alarms.alarm_page,
    alarms.act_on_alarm,
    alarms.device_alarms_page,
    rules.rules_page,
    rules.new_rule_page,
    rules.add_rule,
    rules.rule_page,
    rules.mend_rule,
    rules.switch_rule_on_or_off,
    rules.remove_rule_page,
    alarm_setup.alarm_setup_page,
    alarm_setup.change_alarm_setup,
    device.rotate_token,
    device.offer_device,
    enrolments.enrolments_page,
    enrolments.add_enrolment,
    enrolments.end_enrolment,
    enrolments.take_device,
    reports.reports_page,
    reports.draft_download,
    reports.keep_version,
    reports.text_page,
    reports.save_letter_text,
    reports.reset_letter_text,
    targets.targets_page,
    counts.counts_page,
    counts.add_count,
    counts.correction_page,
    counts.mend_count,
    counts.take_back_count,
    directives.directives_page,
    directives.new_document_page,
    directives.add_document,
    directives.document_page,
    directives.mend_document,
    directives.new_task_page,
    directives.add_task,
    directives.task_page,
    directives.mend_task,
    directives.move_task_on,
    requests.recommendations_page,
    requests.new_recommendation_page,
    requests.add_recommendation,
    requests.recommendation_page,
    requests.mend_recommendation,
    requests.note_answer,
    requests.providers_page,
    requests.new_provider_page,
    requests.add_provider,
    requests.provider_page,
    requests.mend_provider,
    requests.remove_provider_page,
    sharing.sharing_page,
    sharing.lend,
    sharing.loan_page,
    sharing.revoke_loan_page,
    sharing.reads_page,
    sharing.former_page,
    sharing.former_device_page,
    sharing.groups_page,
    sharing.add_group,
    sharing.group_page,
    sharing.mend_group,
    sharing.remove_group_page,
    privacy.my_data_page,
    privacy.send_data_request,
    privacy.change_consent,
    privacy.data_requests_page,
    privacy.answer_data_request,
    privacy.enter_data_request,
    people.people_page,
    people.send_invitation,
    people.withdraw_invitation,
    people.person_page,
    people.add_role,
    people.remove_role,
    people.act_on_person,
    people.organisations_page,
    people.add_organisation,
    people.journal_page,
    aside.aside_page,
    aside.try_aside_again,
    account.account_page,
    account.end_session,
    account.make_token,
    account.end_token,
    account.new_password,
    account.factor_page,
    account.turn_factor_on,
    account.turn_factor_off,
    account.new_codes,
    account.invitation_page,
    account.join,
)


def create_app(services: Services, ops_key: str, doors: DeviceAddresses | None = None) -> Litestar:
    """Return the application; ``ops_key`` opens /metrics, ``doors`` are printed for new devices."""
    assets = load_assets()
    pages = Router(
        path="/",
        route_handlers=_PAGES,
        include_in_schema=False,
        dependencies={
            "screen": Provide(provide_screen),
            "wanted": Provide(devices.provide_filter, sync_to_thread=False),
            "alarm_filter": Provide(alarms.provide_page_filter),
        },
        exception_handlers={HTTPException: page_of_error, Exception: page_of_error},
    )
    app = Litestar(
        route_handlers=[pages, static_file, health, metrics, favicon],
        plugins=[PlatformApi(services)],
        exception_handlers={NotFoundException: nothing_here},
        before_send=[secure_headers],
        compression_config=CompressionConfig(
            backend="gzip", gzip_compress_level=_COMPRESS_LEVEL, exclude=["^/static/", "^/live"]
        ),
        request_max_body_size=_BODY_BYTES_MAX,
    )
    app.state.pages = Pages(assets)
    app.state.assets = assets
    app.state.ops_key = ops_key
    app.state.doors = doors or DeviceAddresses()
    return app


@get("/health", media_type=MediaType.TEXT, sync_to_thread=False, include_in_schema=False)
def health(request: Request[Any, Any, Any]) -> Response[str]:
    """Answer whether every part of the installation goes on; which one does not, only with the key."""
    standing = request.app.state.services.standing
    problems = standing.problems() if standing is not None else []
    if not problems:
        return Response("ok\n", media_type=MediaType.TEXT)
    sentence = public_sentence(problems)
    if _has_key(request):
        sentence = "\n".join(f"{part}: {said}." for part, _, said in problems)
    return Response(
        f"{sentence}\n", status_code=HTTPStatus.SERVICE_UNAVAILABLE, media_type=MediaType.TEXT
    )


@get("/metrics", include_in_schema=False)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Answer the counters of this process, and how all parts stand, to who has the operators' key."""
    if not _has_key(request):
        return Response(b"", status_code=HTTPStatus.UNAUTHORIZED, media_type=MediaType.TEXT)
    services: Services = request.app.state.services
    parts = CollectorRegistry()
    if services.standing is not None:
        parts.register(PartStatesCollector(services.standing))
    entries = Gauge("tram_set_aside", "Entries that a loop has set aside.", registry=parts)
    try:
        entries.set(await services.registry.set_aside.count())
    except Unavailable:
        parts.unregister(entries)
    return Response(
        generate_latest(REGISTRY) + generate_latest(parts), media_type=CONTENT_TYPE_LATEST
    )


def _has_key(request: Request[Any, Any, Any]) -> bool:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(given.encode(), request.app.state.ops_key.encode())


@get("/favicon.ico", sync_to_thread=False, include_in_schema=False)
def favicon(request: Request[Any, Any, Any]) -> Redirect:
    """Lead to the drawing that serves as the site's sign."""
    return Redirect(request.app.state.assets.own("favicon.svg"))
