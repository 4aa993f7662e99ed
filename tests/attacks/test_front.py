"""What comes in over the wire: framing, forged headers, slow clients, old TLS, what lies about (A100 to A108).

gunicorn behind nginx, both real; what gunicorn must withstand by itself is sent to it past nginx too.
"""

import re
import socket
import ssl
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial

import pytest

from tests.attacks.front import BEHIND, HOST, Front, front, trusting
from tests.running import Portal

__all__ = ["front"]
pytestmark = [pytest.mark.race, pytest.mark.parametrize("portal", [BEHIND], indirect=True)]

Wire = Callable[[bytes], bytes]
HIDDEN = f"GET /healthz?hidden HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


def heard(connection: socket.socket, sent: bytes, seconds: float = 1) -> bytes:
    """Everything that is answered to some bytes, until the other side ends it or falls silent."""
    connection.settimeout(seconds)
    with suppress(ConnectionError, ssl.SSLError):
        connection.sendall(sent)
    got = b""
    with suppress(TimeoutError, ConnectionError, ssl.SSLError):
        while piece := connection.recv(65536):
            got += piece
    return got


def through_nginx(front: Front, sent: bytes, seconds: float = 1) -> bytes:
    with front.connect() as connection:
        return heard(connection, sent, seconds)


def past_nginx(portal: Portal, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", int(portal.url.rpartition(":")[2])), 10) as connection:
        return heard(connection, sent)


def statuses(answer: bytes) -> list[int]:
    return [int(each) for each in re.findall(rb"^HTTP/1\.[01] (\d{3})", answer, re.M)]


def request(*headers: str, body: bytes = b"", first: str = "POST /login/ HTTP/1.1", host: str = HOST) -> bytes:
    return "\r\n".join([first, f"Host: {host}", *headers, "", ""]).encode("latin-1") + body


CHUNKED, HIDDEN_LENGTH = "Transfer-Encoding: chunked", f"Content-Length: {len(HIDDEN)}"
CHUNK = b"0\r\n\r\n"
# Requests in which two readers could see different ends; what one of them takes for the next request is hidden in them.
FRAMINGS: dict[str, bytes] = {
    "length and chunks": request(f"Content-Length: {len(CHUNK + HIDDEN)}", CHUNKED, body=CHUNK + HIDDEN),
    "chunks and length": request(CHUNKED, "Content-Length: 4", body=CHUNK + HIDDEN),
    "two lengths": request("Content-Length: 0", HIDDEN_LENGTH, body=HIDDEN),
    "two lengths in one line": request(f"Content-Length: 0, {len(HIDDEN)}", body=HIDDEN),
    "a length with a sign": request(f"Content-Length: +{len(HIDDEN)}", body=HIDDEN),
    "a negative length": request("Content-Length: -1", body=HIDDEN),
    "a length in hex": request("Content-Length: 0x10", body=HIDDEN),
    "a length with an underscore": request("Content-Length: 1_0", body=HIDDEN),
    "a length in other digits": request("Content-Length: \xb2", body=HIDDEN),
    "an empty length": request("Content-Length:", body=HIDDEN),
    "a space before the colon": request("Content-Length : 5", body=HIDDEN),
    "chunks with a space before the colon": request("Transfer-Encoding : chunked", "Content-Length: 4", body=CHUNK),
    "chunks twice": request(CHUNKED, CHUNKED, "Content-Length: 4", body=CHUNK + HIDDEN),
    "chunks in chunks": request("Transfer-Encoding: chunked, chunked", body=CHUNK + HIDDEN),
    "chunks that are not last": request(
        "Transfer-Encoding: chunked, identity", "Content-Length: 4", body=CHUNK + HIDDEN
    ),
    "unknown coding": request("Transfer-Encoding: xchunked", "Content-Length: 4", body=CHUNK + HIDDEN),
    "chunks with a tab": request("Transfer-Encoding:\tchunked", "Content-Length: 4", body=CHUNK + HIDDEN),
    "chunks after a vertical tab": request("Transfer-Encoding: \x0bchunked", "Content-Length: 4", body=CHUNK + HIDDEN),
    "chunks on a folded line": request("Transfer-Encoding:\r\n chunked", "Content-Length: 4", body=CHUNK + HIDDEN),
    "a folded line": request("X-A: b\r\n Content-Length: 5", body=HIDDEN),
    "a line feed alone": request(f"X-A: b\nContent-Length: {len(HIDDEN)}", body=HIDDEN),
    "a carriage return alone": request(f"X-A: b\rContent-Length: {len(HIDDEN)}", body=HIDDEN),
    "NUL in a name": request("Content-Length\x00: 5", body=HIDDEN),
    "NUL in a value": request("Content-Length: 5\x00", body=HIDDEN),
    "no name": request(": chunked", body=HIDDEN),
    "a size that is none": request(CHUNKED, body=b"zz\r\n" + HIDDEN),
    "a size with a sign": request(CHUNKED, body=b"-1\r\n\r\n" + HIDDEN),
    "a size in hex with 0x": request(CHUNKED, body=b"0x5\r\nabcde\r\n" + CHUNK),
    "a size too large": request(CHUNKED, body=b"f" * 40 + b"\r\n" + HIDDEN),
    "a chunk that is longer than it says": request(CHUNKED, body=b"1\r\nab\r\n" + CHUNK + HIDDEN),
    "chunks in HTTP/1.0": request(CHUNKED, "Content-Length: 4", body=CHUNK + HIDDEN, first="POST /login/ HTTP/1.0"),
    "two hosts": request("Host: evil.example", "Content-Length: 0"),
    "an unknown version": request("Content-Length: 0", first="POST /login/ HTTP/3.9"),
    "a method that is none": request("Content-Length: 0", first="PO ST /login/ HTTP/1.1"),
}


def test_no_request_is_hidden_in_another_A100(front: Front, portal: Portal) -> None:
    """Answered once and with a refusal, or once as the one request it is; what is hidden in it is never answered."""
    wrong = {}
    for way, tell in (("through", partial(through_nginx, front)), ("past", partial(past_nginx, portal))):
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(tell, FRAMINGS.values()))
        for name, answer in zip(FRAMINGS, answers, strict=True):
            got = statuses(answer)
            # Refused twice is what the rest of a body is: no request of anybody.
            if not got or got[1:] not in ([], [400]) or not 300 <= got[0] <= 505 or b"200 OK" in answer[12:]:
                wrong[f"{name}, {way} nginx"] = got
    assert wrong == {}


def asked(
    front: Front, *headers: str, first: str = "GET /login/ HTTP/1.1", host: str = HOST, body: bytes = b""
) -> bytes:
    return through_nginx(front, request("Connection: close", *headers, first=first, host=host, body=body), 20)


def test_what_a_client_says_of_its_address_changes_no_limit_A101(front: Front) -> None:
    """Without a token every POST is a 403, which is not counted; so the page is opened first."""
    page = asked(front, first="GET /activate/ HTTP/1.1")
    cookies = "; ".join(each.decode() for each in re.findall(rb"(?i)set-cookie: ([^;]+)", page))
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    body = b"csrfmiddlewaretoken=" + token[1]
    got = []
    for number in range(45):  # twenty a minute, and a new minute may begin meanwhile
        forged = [f"{name}: 198.51.100.{number}" for name in ("X-Forwarded-For", "X-Real-IP", "X_Forwarded_For")]
        forged += [f"Forwarded: for=198.51.100.{number}", f"Cookie: {cookies}", f"Referer: https://{HOST}/activate/"]
        forged += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        got += statuses(asked(front, *forged, first="POST /activate/ HTTP/1.1", body=body))
    assert got[:5] == [200] * 5
    assert 429 in got


FORGED = [
    "X-Forwarded-Proto: http",
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-Port: 1",
    "X-Forwarded-Prefix: /evil.example",
    "X-Original-URL: //evil.example/",
    "X-Rewrite-URL: //evil.example/",
    "Forwarded: host=evil.example;proto=http",
    "X-HTTP-Method-Override: DELETE",
    "X-Script-Name: /evil.example",
]


def test_forged_headers_of_a_proxy_change_nothing_A102(front: Front) -> None:
    wrong = []
    for header in FORGED:
        answer = asked(front, header)
        inside = asked(front, header, first="GET /account/ HTTP/1.1")
        if statuses(answer) != [200] or b"evil.example" in answer or b"/login/?next=/account/" not in inside:
            wrong.append(header)
    assert wrong == []


def test_another_host_is_not_answered_A45_A102(front: Front) -> None:
    with pytest.raises(ssl.SSLError):
        front.connect(host="evil.example")
    answer = asked(front, host="evil.example")
    assert statuses(answer)[0] in (400, 421)
    assert b"evil.example" not in answer
    assert b"evil.example" not in asked(front, first="GET http://evil.example/login/ HTTP/1.1")


def test_headers_with_underscores_are_dropped_A103(front: Front, portal: Portal) -> None:
    assert statuses(asked(front, "X_Forwarded_Proto: http")) == [200]
    forged = request("X_Forwarded_Proto: https", "Connection: close", first="GET /login/ HTTP/1.1")
    assert statuses(past_nginx(portal, forged)) == [301], "gunicorn takes it for no word of nginx's"


def test_slow_clients_keep_nobody_waiting_A104(front: Front) -> None:
    with ExitStack() as kept:
        for number in range(120):
            slow = kept.enter_context(front.connect())
            slow.sendall(request(first="POST /login/ HTTP/1.1")[: 40 + number % 20])
        bodies = [kept.enter_context(front.connect()) for _number in range(20)]  # more than all places, the door's too
        for each in bodies:
            each.sendall(request("Content-Length: 100000", first="POST /login/ HTTP/1.1", body=b"a"))
        for page in ("/guide/", "/login/", "/guide/"):
            started = time.monotonic()
            assert statuses(asked(front, first=f"GET {page} HTTP/1.1")) == [200]
            assert time.monotonic() - started < 5


def test_nothing_older_than_TLS_1_2_and_no_weak_cipher_is_spoken_A107(front: Front) -> None:
    with front.connect() as connection:
        assert connection.version() == "TLSv1.3"
    for weak in ("AES128-SHA", "AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384"):
        context = trusting()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(f"{weak}:@SECLEVEL=0")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            front.connect(context)
    old = trusting()
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore"):  # Python advises against what is tried here
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        front.connect(old)


def test_without_TLS_there_is_only_the_way_to_it_A107(front: Front) -> None:
    with socket.create_connection(("127.0.0.1", front.plain), 10) as connection:
        answer = heard(connection, request("Connection: close", first="GET /account/ HTTP/1.1"))
    assert statuses(answer) == [308]
    assert f"Location: https://{HOST}/account/".encode() in answer
    assert statuses(past_nginx(Portal(f"http://127.0.0.1:{front.behind}", {}), request("Connection: close"))) == [301]


LYING_ABOUT = """
/.git/config /.env /.git/HEAD /static/ /static/css/ /static/../manage.py /static/%2e%2e/manage.py /static/..%2fmanage.py
/manage.py /settings.py /admin/login/ /media/ /server-status /nginx_status /metrics /readyz /healthz /debug /__debug__/
/backup.sql /db.sqlite3 /robots.txt~ /.DS_Store /portal.conf /busy.html /proxy.conf //etc/passwd /%2e%2e/etc/passwd
"""


def test_nothing_lies_about_A108(front: Front) -> None:
    wrong = {}
    for path in LYING_ABOUT.split():
        answer = asked(front, first=f"GET {path} HTTP/1.1")
        (status,) = statuses(answer)
        if status not in (302, 400, 404) or (status == 302 and b"Location: /login/?next=" not in answer):
            wrong[path] = status
    assert wrong == {}


def test_no_answer_says_which_program_gave_it_A108(front: Front) -> None:
    bad = b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"
    for answer in (asked(front), asked(front, first="TRACE / HTTP/1.1"), through_nginx(front, bad)):
        assert not re.search(rb"(?i)^(server: (?!nginx\r)|x-powered-by|via:)", answer, re.M)
        assert not re.search(rb"(?i)gunicorn|python|django(?!_htmx|_language)|nginx/\d", answer)
    assert statuses(asked(front, first="TRACE / HTTP/1.1")) == [405]
