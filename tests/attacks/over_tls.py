"""A program for `test_headers`: with the settings of a real installation, ask what a proxy that ends TLS passes on.

`python -m tests.attacks.over_tls ENTITY USERNAME PASSWORD` prints, as JSON, `{what: {status, headers, cookies}}`.
Settings are read once at import, so this cannot happen inside the tests' own process.
"""

import json
import sys
from typing import Any

import django
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import Client

TLS = {"X-Forwarded-Proto": "https", "Host": "portal.example"}


def told(answer: Any) -> dict[str, Any]:
    """What the browser is told; of each cookie: path, domain, Secure, HttpOnly, SameSite."""
    cookies = {
        name: [each["path"], each["domain"], bool(each["secure"]), bool(each["httponly"]), each["samesite"]]
        for name, each in answer.cookies.items()
    }
    answer.close()
    return {"status": answer.status_code, "headers": dict(answer.headers), "cookies": cookies}


def main(entity_number: str, username: str, password: str) -> None:
    django.setup()
    call_command("collectstatic", interactive=False, verbosity=0)
    person = Client(enforce_csrf_checks=True)
    door = person.get("/login/", headers=TLS)
    data = {
        "csrfmiddlewaretoken": person.cookies["__Host-csrf"].value,
        "entity_number": entity_number,
        "username": username,
        "password": password,
    }
    own = TLS | {"Origin": "https://portal.example"}
    answers = {
        "the door": door,
        "a POST without Referer": person.post("/login/", data, headers=TLS),
        "the way in": person.post("/login/", data, headers=own),
        "inside": person.get("/account/", headers=TLS),
        "the language": person.get("/language/pt/", headers=TLS),
    }
    token = person.cookies["__Host-csrf"].value
    plain = {"path": "/login/", "data": {"entity": "80216453"}}
    answers |= {
        "the way out": person.post("/logout/", {"csrfmiddlewaretoken": token}, headers=own),
        "nothing there": person.get("/nowhere/", headers=TLS),
        "another host's name": person.get("/", headers=TLS | {"Host": "evil.example"}),
        "a folder of files": person.get("/static/css/", headers=TLS),
        "above the files": person.get("/static/%2e%2e/manage.py", headers=TLS),
        "what the source is kept in": person.get("/.git/HEAD", headers=TLS),
        "styles": person.get(staticfiles_storage.url("css/main.css"), headers=TLS),
        "without TLS": person.get(**plain, headers={"Host": "portal.example"}),
        "without TLS, another host's name": person.get(**plain, headers={"Host": "evil.example"}),
        "without TLS, whoever watches": person.get("/healthz", headers={"Host": "10.0.0.7:8000"}),
        "a program": person.post("/oidc/token", headers=TLS),
        "a program without TLS": person.post("/oidc/token", headers={"Host": "portal.example"}),
    }
    sys.stdout.write(json.dumps({what: told(answer) for what, answer in answers.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
