"""`manage.py signing_keys`: which keys the portal has and what each does now. `new` makes one for each algorithm."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from entity_portal.text import moment
from services.oidc import keys
from services.oidc.queries import LASTS


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()  # which demand what this makes

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", nargs="?", choices=["list", "new"], default="list")

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        if what == "new":
            for path in keys.make(Path(settings.OIDC_KEYS_DIR)):
                self.stdout.write(f"written: {path}")
            hours = int(keys.SIGNS_AFTER.total_seconds() // 3600)
            self.stdout.write(f"Published at once; they sign in {hours} hours, when every e-service has seen them.")
            return
        try:
            found = keys.every()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        for key in found:
            self.stdout.write(f"{key.kid}  {key.algorithm}  since {moment(key.made_at)}  {does(key, found)}")


def does(key: keys.Key, found: Sequence[keys.Key]) -> str:
    """What a key does now. A retired one is of use until nobody is signed in any more with what it has signed."""
    signing = keys.signing_key(key.algorithm)
    if key.kid == signing.kid:
        return "signs now"
    if key.made_at > signing.made_at:
        return f"published, signs from {moment(key.made_at + keys.SIGNS_AFTER)}"
    retired_at = min(each.made_at for each in found if each.algorithm == key.algorithm and each.made_at > key.made_at)
    until = retired_at + keys.SIGNS_AFTER + LASTS
    return "may be deleted" if until < timezone.now() else f"published, may be deleted from {moment(until)}"
