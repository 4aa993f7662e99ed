"""`python -m bench.fill LOGINS`: whatever a place lacks: tables, people, static files, keys, an e-service's program."""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entity_portal.settings")
SERVICE, BACK = "service-001", "https://service.example/back"
CLIENT = "bench_client.json"


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from accounts.models import Entity
    from entity_portal.postgres import data_dir
    from services.models import EService
    from services.oidc.operations import register_client

    call_command("migrate", verbosity=0)
    if not Entity.objects.exists():
        print(f"Filling {data_dir()} with {int(sys.argv[1]):,} logins (once) ...", file=sys.stderr, flush=True)
        call_command("bench_data", logins=int(sys.argv[1]))
    call_command("collectstatic", interactive=False, verbosity=0)
    if not Path(settings.OIDC_KEYS_DIR).exists():
        call_command("signing_keys", "new")
    kept = data_dir() / CLIENT
    if not kept.exists():
        service = EService.objects.get(code=SERVICE)
        client, secret = register_client(
            service=service,
            by=None,
            name="Bench",
            redirect_uris=BACK,
            post_logout_redirect_uris="",
            backchannel_logout_uri="",
            skip_authorization=True,
        )
        kept.write_text(json.dumps({"client": client.client_id, "secret": secret}))


if __name__ == "__main__":
    main()
