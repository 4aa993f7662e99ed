"""How many passwords are hashed while a program fetches a token: `python -m bench.hashing CLIENT SECRET USERNAME`.

Prints `{"hashes"}`. It runs inside the portal with its real settings.
"""

import json
import os
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.serving")


def main() -> None:
    import django

    django.setup()
    from bench import data, flows
    from bench.fill import BACK
    from bench.queries import entered
    from staff.hashers import Argon2id

    client, secret, username = sys.argv[1:]
    browser = entered({"entity": data.BIG.number, "username": username}, "")
    verifier, asked = flows.request(client, BACK)
    code = flows.code_of(browser.get("/oidc/authorize", asked).headers["Location"], BACK)
    hashes = 0

    def counted(method: Any) -> Any:
        def count(*args: Any, **named: Any) -> Any:
            nonlocal hashes
            hashes += 1
            return method(*args, **named)

        return count

    for name in ("encode", "verify"):
        setattr(Argon2id, name, counted(getattr(Argon2id, name)))
    form, headers = flows.exchange(client, secret, BACK, code, verifier)
    answer = browser.post("/oidc/token", form, headers=headers)
    assert "access_token" in answer.json(), answer.content
    print(json.dumps({"hashes": hashes}))


if __name__ == "__main__":
    main()
