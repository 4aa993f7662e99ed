"""The page for operators says what the program does: each variable, each refusal, each limit, each series."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.db import connection

from entity_portal import limits, metrics, sheets, watching
from services.oidc import keys
from tests.running import real_portal

ROOT = Path(settings.BASE_DIR)
PAGE = (ROOT / "docs" / "operations.md").read_text()
ROLES = (ROOT / "deploy" / "postgres" / "roles.sql").read_text()


def table(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, without its head."""
    part = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def named(heading: str) -> list[str]:
    return [name for row in table(heading) for name in re.findall(r"`(\w+)", row[0])]


def read_by_the_program() -> set[str]:
    """Each name that is read from the environment: `env.int("NAME", …)`, `os.environ.get("NAME")`."""
    found = set()
    for file in ("settings.py", "postgres.py"):
        for node in ast.walk(ast.parse((ROOT / "entity_portal" / file).read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
                continue
            whose = ast.unparse(node.func.value)
            if whose == "os.environ" or (whose == "env" and node.func.attr != "parser_for"):
                found.add(ast.literal_eval(node.args[0]))
    return found


def test_every_variable_stands_on_the_page_once_and_no_other_ASVS_13_1() -> None:
    told = named("Settings")
    assert len(read_by_the_program()) > 40
    assert set(told) == read_by_the_program()
    assert len(told) == len(set(told))
    assert all(len(row) == 3 and row[1] and row[2] for row in table("Settings"))


def test_every_refusal_stands_on_the_page() -> None:
    code = (ROOT / "entity_portal" / "production.py").read_text()
    refused = set(re.findall(r'yield "([A-Z_]+)"', code)) | {"SECRET_KEY", "OIDC_SUBJECT_KEY", "CODE_KEY"}
    refused |= {"DATABASE_URL", "MIGRATE_DATABASE_URL"}
    refused |= {"SMS_HTTP_URL", "SMS_HTTP_LOOK_UP_URL", "TWILIO_API_URL"}
    assert set(named("What stops the start")) == refused


def test_every_check_that_stops_the_start_stands_on_the_page() -> None:
    code = "".join((ROOT / path).read_text() for path in ("entity_portal/checks.py", "services/oidc/checks.py"))
    keys_wrong = set(re.findall(r'id="((?:portal|oidc)\.E\d+)"', code)) - {"portal.E001"}  # a view without its mark
    assert keys_wrong
    assert keys_wrong <= set(re.findall(r"`((?:portal|oidc)\.E\d+)`", PAGE))


def test_every_series_stands_on_the_page() -> None:
    series = set(re.findall(r"`(portal_\w+)", PAGE)) - set(re.findall(r"CREATE ROLE (\w+)", ROLES))
    assert series == {
        f"{each.name}_total" if each.type == "counter" else each.name for each in metrics.OWN.collect()
    } | set(watching.ABOUT)


def test_the_example_of_settings_names_nothing_that_is_not_read() -> None:
    example = (ROOT / "deploy" / "portal.env.example").read_text()
    assert set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.M)) - {"MALLOC_ARENA_MAX"} <= read_by_the_program()


# --- time limits ---


@pytest.mark.parametrize(
    ("role", "wanted"),
    [("portal", limits.PAGES), ("portal_worker", limits.JOBS), ("portal_owner", limits.MIGRATIONS)],
    ids=["pages", "jobs", "migrations"],
)
def test_roles_have_the_limits_that_connections_are_told_P6(role: str, wanted: dict[str, str]) -> None:
    assert dict(re.findall(rf"ALTER ROLE {role} SET (\w+) = '(\w+)'", ROLES)) == wanted


def test_a_web_process_of_a_real_installation_begins_with_them_P6(tmp_path: Path, db: None) -> None:
    keys.make(tmp_path / "keys")
    shown = (*limits.PAGES, "tcp_user_timeout")
    code = (
        "import entity_portal.wsgi\n"
        "from django.db import connections\n"
        "for each in ('default', 'counters'):\n"
        "    with connections[each].cursor() as cursor:\n"
        f"        for name in {shown!r}:\n"
        "            cursor.execute(f'SHOW {name}')\n"
        "            print(cursor.fetchone()[0])\n"
        "    print(connections[each].get_connection_params()['connect_timeout'])\n"
    )
    told = {"env": real_portal(tmp_path), "cwd": settings.BASE_DIR, "capture_output": True, "text": True}
    done = subprocess.run([sys.executable, "-c", code], check=False, **told)
    one = [*limits.PAGES.values(), "0", "2"]  # over a socket nothing can be unacknowledged
    assert done.stdout.split() == one * 2, done.stderr
    pooled = told | {"env": real_portal(tmp_path) | {"DATABASE_POOLED": "1"}}
    done = subprocess.run([sys.executable, "-c", code], check=False, **pooled)
    assert done.stdout.split() == ["0", "0", "0", "0", "2"] * 2, "the pool would refuse to be told"


@pytest.mark.parametrize(("command", "wanted"), [("migrate", limits.MIGRATIONS), ("procrastinate", limits.JOBS)])
def test_migrations_and_workers_say_which_they_are_P6(
    command: str, wanted: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, str]] = []
    found = import_module(f"entity_portal.management.commands.{command}").Command
    monkeypatch.setattr(limits, "tell", told.append)
    monkeypatch.setattr(found.__bases__[0], "handle", lambda *_, **__: None)
    assert get_commands()[command] == "entity_portal"
    found().handle(database="default", plan=True)
    assert told == [wanted]


@pytest.mark.django_db
def test_a_download_has_a_limit_of_its_own_which_ends_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def limit() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return str(cursor.fetchone()[0])

    def table() -> Iterator[str]:
        for _line in range(3):
            yield limit()

    usual = limit()
    assert "".join(sheets.download("x", table()).getvalue().decode()) == usual * 3, "where no limit was told"
    monkeypatch.setattr(limits, "_told", ["statement_timeout"])
    assert sheets.download("x", table()).getvalue().decode() == limits.DOWNLOAD * 3
    assert limit() == usual
    left = sheets._pieces(table())
    next(left)
    left.close()  # type: ignore[attr-defined]
    assert limit() == usual, "also where the reader goes away"


@pytest.mark.django_db
def test_postgresql_knows_each_limit() -> None:
    with connection.cursor() as cursor:
        for name, value in {**limits.PAGES, **limits.JOBS}.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
            assert cursor.fetchone() == (value,)
