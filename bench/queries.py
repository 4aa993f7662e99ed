"""What a page asks the database: how many statements, how long each takes there, how many buffers it reads.

`python -m bench.queries PAGES`, where PAGES is JSON `{"entity_id", "like", "pages": [{"name", "path", "marker", …}]}`,
prints JSON. It runs inside the portal with its real settings, one request at a time: neither load nor noise matters.
"""

import json
import os
import sys
from statistics import median
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.serving")
GROWING = (
    "staff_stafflogin",
    "accounts_entity",
    "services_assignment",
    "services_opening",
    "audit_event",
    "messaging_notification",
    "staff_session",
    "activation_activationcode",
)
TIMES = 5
FEW = 250  # rows that a statement may look at for nothing
NOT_COUNTED = ("EXPLAIN", "SAVEPOINT", "RELEASE", "SET ", "BEGIN", "COMMIT")


def main() -> None:
    import django

    django.setup()
    asked = json.loads(sys.argv[1])
    browsers: dict[str, Any] = {}
    found = {}
    for page in asked["pages"]:
        who = page["who"]["username"]
        if who not in browsers:
            browsers[who] = entered(page["who"], page["key"])
        found[page["name"]] = look(browsers[who], page)
    print(json.dumps({"pages": found, "baselines": baselines(asked)}))


def entered(person: dict[str, str], key: str) -> Any:
    """A browser in which somebody is signed in. Officers' sessions have shown the code of their application."""
    from django.contrib import auth
    from django.http import HttpRequest
    from django.test import Client
    from django.utils import timezone
    from django_otp import DEVICE_ID_SESSION_KEY
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from staff import sessions
    from staff.models import StaffLogin

    client = Client(SERVER_NAME="127.0.0.1")
    client.cookies["django_language"] = "en"
    login = StaffLogin.objects.get(entity__number=person["entity"], username=person["username"])
    request = HttpRequest()
    request.META.update(REMOTE_ADDR="127.0.0.1")
    request.session = sessions.SessionStore()
    auth.login(request, login, backend="staff.backends.EntityBackend")
    if key:
        request.session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.get(user=login).persistent_id
    request.session["methods"], request.session["proven_at"] = ["pwd"], timezone.now().isoformat()
    sessions.begin(request, login)
    request.session.save()
    client.cookies["sessionid"] = str(request.session.session_key)
    return client


def look(browser: Any, page: dict[str, Any]) -> dict[str, Any]:
    """The second request of a page, when what is kept in memory is there."""
    browser.get(page["path"])
    with Heard() as heard:
        answer = browser.get(page["path"])
    assert answer.status_code == 200, f"{page['path']}: {answer.status_code} {answer.headers.get('Location', '')}"
    assert page["marker"] in answer.content.decode(), f"{page['path']} lacks {page['marker']}"
    statements = [
        explained(sql, params) for sql, params in heard.statements if sql.lstrip().upper().startswith("SELECT")
    ]
    term = page.get("term")
    return {
        "queries": len(heard.statements),
        "sql": [sql for sql, _params in heard.statements],
        "bytes": len(answer.content),
        "buffers": sum(each["buffers"] for each in statements),
        "ms": sum(each["ms"] for each in statements),
        "term_ms": sum(each["ms"] for each in statements if term and term in each["sql"]),
        "scans": [f"{each['scans']} in {each['sql'][:300]}" for each in statements if each["scans"]],
        "wasted": [f"{each['wasted']} rows in {each['sql'][:300]}" for each in statements if each["wasted"] > FEW],
    }


class Heard:
    """The statements of a block, on every connection."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, Any]] = []

    def __enter__(self) -> "Heard":
        from contextlib import ExitStack

        from django.db import connections

        self.stack = ExitStack()
        for connection in connections.all():
            self.stack.enter_context(connection.execute_wrapper(self.hear))
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def hear(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        said = sql if isinstance(sql, str) else str(sql)
        if not said.lstrip().upper().startswith(NOT_COUNTED):
            self.statements.append((said, params))
        return execute(sql, params, many, context)


def explained(sql: str, params: Any) -> dict[str, Any]:
    """How a statement goes: `ms` (median), `buffers`, `scans` of growing tables that no index avoids, rows `wasted`."""
    from django.db import connection, transaction

    # The statement is one the portal has just sent itself, with its parameters apart; EXPLAIN cannot take it as one.
    with connection.cursor() as cursor, transaction.atomic():
        times = []
        for _time in range(TIMES):
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}", params)
            (plan,) = cursor.fetchone()[0]
            times.append(plan["Execution Time"])
        nodes = list(flat(plan["Plan"]))
        # On a small table a scan is cheapest: is there an index at all?
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        (other,) = cursor.fetchone()[0]
        written = cursor.mogrify(sql, params) if hasattr(cursor, "mogrify") else sql % tuple(params or ())
    scans = [node["Relation Name"] for node in flat(other["Plan"]) if node["Node Type"] == "Seq Scan"]
    return {
        "sql": str(written),
        "ms": median(times),
        "buffers": plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"],
        "scans": sorted({*scans} & {*GROWING}),
        "wasted": sum(node.get("Rows Removed by Filter", 0) * node.get("Actual Loops", 1) for node in nodes),
    }


def flat(node: dict[str, Any]) -> Any:
    """A plan's node and all below it."""
    yield node
    for each in node.get("Plans", ()):
        yield from flat(each)


def baselines(asked: dict[str, Any]) -> dict[str, float]:
    """Milliseconds of what the goals are compared with: a LIKE that reads each row of an entity, and NOT EXISTS."""
    here, people = asked["entity_id"], "SELECT * FROM staff_stafflogin AS login WHERE login.entity_id = %s"
    found = {}
    for name, term in asked["like"].items():
        anywhere = f"%{term}%"
        like = f"{people} AND (username LIKE %s OR name_zh LIKE %s OR name_foreign LIKE %s) ORDER BY username LIMIT 26"
        counted = like.replace("SELECT *", "SELECT count(*)").partition(" ORDER BY")[0]
        # The list says how many there are: so must the plain way.
        found[name] = sum(explained(sql, [here, anywhere, anywhere, anywhere])["ms"] for sql in (counted, like))
    for name, (service, group) in asked["groups"].items():
        missing = (
            f"{people} AND status <> 'departed' AND NOT EXISTS ("
            " SELECT FROM services_assignment AS member JOIN services_servicegroup AS g ON g.id = member.group_id"
            " JOIN services_eservice AS s ON s.id = g.service_id WHERE member.login_id = login.id"
            " AND member.ended_at IS NULL AND s.code = %s AND g.code = %s) ORDER BY name_foreign_key, euid LIMIT 26"
        )
        found[name] = explained(missing, [here, service, group])["ms"]
    return found


if __name__ == "__main__":
    main()
