"""Habits of the house that a program can check: what is forgotten is red here."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from entity_portal.access import MARK
from entity_portal.audit.actions import Action
from entity_portal.checks import every_view_is_marked, views

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
ROOMS = ("entity_portal", "accounts", "staff", "activation", "services")
MODULES = sorted(
    path
    for room in ROOMS
    for path in (ROOT / room).rglob("*.py")
    if "migrations" not in path.parts and path.stat().st_size
)
LABELS = (
    *("entity_portal", "audit", "messaging", "humancheck"),
    *("accounts", "staff", "activation", "services", "oidc", "sandbox", "api"),
)

# Everybody may open these; all others need a login at least.
METADATA = {".well-known/openid-configuration", ".well-known/oauth-authorization-server", "oidc/jwks"}
# Asked by programs of e-services, which prove themselves by a secret, a signature or a token.
API = {"api/v1/authorizations", "api/v1/authorizations/<str:subject>", "api/v1/changes", "api/v1/schema/"}
PROGRAMS = {f"oidc/{name}" for name in ("par", "token", "userinfo", "introspect", "revoke")}
# For whoever applies for an account: the browser session has the application in hand.
APPLY = {
    "apply/",
    "apply/administrators/<int:place>/",
    "apply/administrators/<int:place>/remove/",
    "apply/documents/<int:pk>/remove/",
    *(f"apply/{page}/" for page in ("begin", "entity", "representative", "administrators", "documents", "agreement")),
    *(f"apply/{page}/" for page in ("review", "submit", "save", "save/send", "save/code", "consent", "consent/send")),
    *(f"apply/{page}/" for page in ("credentials", "done", "discard", "withdraw", "progress", "answer", "leave")),
    *(f"apply/track/{page}" for page in ("", "code/", "again/")),
}
# Another site, in the demonstration only.
SANDBOX = {f"demo/service/{page}" for page in ("", "enter/", "callback/", "refresh/", "leave/", "backchannel-logout/")}
PUBLIC = {
    "",
    "language/<slug:code>/",
    "guide/",
    "guide/print/",
    "guide/<slug:slug>/",
    "human-check/",
    "human-check/<str:key>.png",
    "human-check/<str:key>.wav",
    "activate/",
    "activate/credentials/",
    "activate/done/",
    "login/",
    "logout/",
    "help/reset-password/",
    "help/reset-password/again/",
    "help/reset-password/code/",
    "help/username/",
    *APPLY,
    "healthz",
    "readyz",
    "metrics",
    "accessibility/",
    "privacy/",
    "demo/phone/",
    "account/email/<str:token>/",
    "messages/twilio/<uuid:sms_id>/",
    *METADATA,
    *PROGRAMS,
    "oidc/authorize",
    "oidc/decide",
    "oidc/logout",
    "oidc/logout/confirm",
    *API,
    *SANDBOX,
    "demo/app/",
    "styleguide/",
}

# Pages between the right password and the door: their own mark looks who is there.
STEPS = {"login/verify/", "login/verify/sms/", "login/app/", "login/password/", "login/terms/"}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_view_says_who_may_see_it() -> None:
    marks = {route: getattr(pattern.callback, MARK, None) for route, pattern in views()}
    known = {"public", "step", "signed_in", "administrator_only", "assigner_only", "officer_only"}
    assert set(marks.values()) <= known, marks
    assert every_view_is_marked(None) == []


def test_a_view_without_a_mark_stops_the_start() -> None:
    _route, pattern = next(iter(views()))
    mark = pattern.callback.__dict__.pop(MARK)
    try:
        assert [error.id for error in every_view_is_marked(None)] == ["portal.E001"]
    finally:
        setattr(pattern.callback, MARK, mark)


def test_the_public_pages_are_these_and_no_others() -> None:
    assert {route for route, pattern in views() if getattr(pattern.callback, MARK, None) == "public"} == PUBLIC
    open_to_all = {route for route, pattern in views() if not getattr(pattern.callback, "login_required", True)}
    assert open_to_all == PUBLIC | STEPS
    assert {route for route, pattern in views() if getattr(pattern.callback, MARK, None) == "step"} == STEPS


def test_no_view_goes_without_its_csrf_token_A73() -> None:
    exempt = {route for route, pattern in views() if getattr(pattern.callback, "csrf_exempt", False)}
    exempt -= {"messages/twilio/<uuid:sms_id>/", "demo/service/backchannel-logout/"}  # proven by a signature
    exempt -= PROGRAMS
    exempt -= API  # which only read, and no cookie
    assert exempt == {"oidc/authorize", "oidc/logout"}, "which change a POST into a GET and do nothing else"


def test_what_programs_ask_stands_in_the_settings_and_no_page_does_ASVS_4_1_2() -> None:
    known = {route for route, _pattern in views() if re.match(settings.PROGRAMS, route)}
    assert known == {*METADATA, *API, *PROGRAMS, "messages/twilio/<uuid:sms_id>/"}


def test_what_asks_for_a_sign_in_stands_in_the_middleware_in_this_order() -> None:
    order = [each.rpartition(".")[2] for each in settings.MIDDLEWARE]
    wanted = ["keep_to_ourselves", "CSPMiddleware", "PermissionsPolicyMiddleware", "XFrameOptionsMiddleware"]
    wanted += [
        "SecurityMiddleware",
        "refuse_programs_without_tls",
        "reject_other_methods",
        "reject_unreadable",
        "SessionMiddleware",
    ]
    wanted += ["CsrfViewMiddleware", "Authentication", "LoginRequiredMiddleware"]
    assert [each for each in order if each in wanted] == wanted


FORBIDDEN = {
    r"\|\s*safe\b": "marks text as safe",
    r"autoescape\s+off": "switches escaping off",
    r"\sstyle=": "has an inline style",
    r"<style\b": "has an inline style",
    r"\son[a-z]+=": "has an inline handler",
    r"<script(?![^>]*\ssrc=)[^>]*>": "has an inline script",
    r"javascript:": "has a javascript: link",
    r"""(?:src|href)=["'](?:https?:)?//""": "takes something from elsewhere",
    r"(?<!hx-)target=": "opens a window",
    r"\|\s*escapejs": "writes JavaScript",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_no_template_has_what_the_policy_forbids_A77_A80(path: Path) -> None:
    html = re.sub(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}", "", path.read_text(), flags=re.S)
    assert [what for pattern, what in FORBIDDEN.items() if re.search(pattern, html)] == []


def test_no_python_marks_text_as_safe_that_it_did_not_make() -> None:
    careless = re.compile(r"mark_safe\(|SafeString\(")
    assert [relative(path) for path in MODULES if careless.search(path.read_text())] == []


def test_every_form_that_posts_carries_its_token_A72() -> None:
    for path in TEMPLATES:
        for body in re.findall(r'<form[^>]*method="[^"]*post.*?</form>', path.read_text(), re.S):
            assert "{% csrf_token %}" in body, relative(path)


@pytest.mark.parametrize("label", LABELS)
def test_the_migrations_of_a_room_are_one_line(label: str) -> None:
    folder = Path(apps.get_app_config(label).path) / "migrations"
    files = sorted(path.stem for path in folder.glob("[0-9]*.py"))
    assert [name[:4] for name in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    assert (folder / "max_migration.txt").read_text().strip() == files[-1]
    loader = MigrationLoader(None, ignore_no_migrations=True)
    assert loader.graph.leaf_nodes(label) == [(label, files[-1])]


@pytest.mark.django_db
def test_no_migration_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    assert MigrationLoader(connection).detect_conflicts() == {}


@pytest.mark.django_db
def test_no_trigger_joins_the_rows_before_and_after() -> None:
    """Planned for the one row of its first time, it would compare each with each when thousands change at once."""
    both = (
        "SELECT tgname, tgoldtable, tgnewtable, prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid "
        "WHERE tgoldtable IS NOT NULL AND tgnewtable IS NOT NULL"
    )
    with connection.cursor() as cursor:
        cursor.execute(both)
        found = cursor.fetchall()
    assert found
    joined = [name for name, old, new, body in found if re.search(rf"\bJOIN\s+({old}|{new})\b", body)]
    assert joined == []


def test_every_act_is_recorded_somewhere() -> None:
    code = "".join(path.read_text() for path in MODULES if path.name != "actions.py")
    assert {action.name for action in Action if f"Action.{action.name}" not in code} == set()


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_is_short_and_says_what_it_is_for(path: Path) -> None:
    source = path.read_text()
    assert len(source.splitlines()) <= 420
    if path.name not in {"apps.py", "urls.py", "__init__.py"}:
        assert source.startswith('"""'), "one sentence on what it is for"


def test_ci_runs_each_test_once() -> None:
    first, *more = re.findall(r"^python3 manage.py test (.+)$", (ROOT / ".ci" / "run").read_text(), re.M)
    left_out = re.findall(r"--ignore=(\S+)", first)
    assert left_out == " ".join(more).split()
    assert all((ROOT / folder).is_dir() for folder in left_out)
