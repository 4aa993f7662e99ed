"""F: raw WSGI, prepared statements, an f-string; the session and the list are one query each."""

import os
import threading
from collections.abc import Callable, Iterable
from html import escape
from http.cookies import SimpleCookie
from typing import Any

import psycopg

KEPT = threading.local()  # a connection for each thread
SESSION = "SELECT login_id FROM bench_floor WHERE session_key = %s"
PEOPLE = """
    SELECT username, name_zh, name_foreign, document_number, mobile, status FROM staff_stafflogin
    WHERE entity_id = (SELECT entity_id FROM staff_stafflogin WHERE id = %s) ORDER BY username LIMIT 25
"""


def connection() -> "psycopg.Connection[Any]":
    if not hasattr(KEPT, "connection"):
        KEPT.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=0)
    return KEPT.connection


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """The list of 25 people for whoever has a session."""
    cookie = SimpleCookie(environ.get("HTTP_COOKIE", "")).get("sessionid")
    found = connection().execute(SESSION, [cookie.value]).fetchone() if cookie else None
    if found is None:
        start("403 Forbidden", [("Content-Type", "text/plain"), ("Content-Length", "0")])
        return [b""]
    rows = "".join(
        f"<tr><td>{escape(username or '')}</td><td>{escape(zh)}</td><td>{escape(foreign)}</td>"
        f"<td>{escape(document)}</td><td>{escape(mobile)}</td><td>{escape(status)}</td></tr>"
        for username, zh, foreign, document, mobile, status in connection().execute(PEOPLE, [found[0]])
    )
    body = f"<!DOCTYPE html><title>People</title><table>{rows}</table>".encode()
    start("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]
