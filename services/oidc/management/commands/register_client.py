"""`manage.py register_client SERVICE NAME …`: register a program of an e-service; its secret is printed once."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from services.models import EService
from services.oidc.operations import register_client


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("service", help="code of the e-service")
        parser.add_argument("name", help="what officers and its owner call the program")
        parser.add_argument("--redirect-uri", action="append", required=True, help="again for each further one")
        parser.add_argument("--post-logout-redirect-uri", action="append", default=[])
        parser.add_argument("--backchannel-logout-uri", default="")

    def handle(self, *args: Any, service: str, name: str, **options: Any) -> None:
        found = EService.objects.filter(code=service).first()
        if found is None:
            raise CommandError(f"There is no e-service {service}.")
        try:
            client, secret = register_client(
                service=found,
                by=None,
                name=name,
                redirect_uris="\n".join(options["redirect_uri"]),
                post_logout_redirect_uris="\n".join(options["post_logout_redirect_uri"]),
                backchannel_logout_uri=options["backchannel_logout_uri"],
                skip_authorization=True,
            )
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        self.stdout.write(f"CLIENT_ID={client.client_id}\nCLIENT_SECRET={secret}")
