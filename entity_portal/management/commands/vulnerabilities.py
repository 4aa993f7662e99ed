"""`manage.py vulnerabilities`: fail where a vulnerability is known of a part (ASVS 15.2.1).

Where no source can be reached it says so and does not fail. OSV_URL names another source than https://api.osv.dev.
"""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from entity_portal.inventory import advisories, parts


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        source = os.environ.get("OSV_URL", advisories.OSV).rstrip("/")
        excused = advisories.exceptions(advisories.EXCEPTIONS.read_text())
        asked = advisories.asked(parts.parts())
        try:
            found = advisories.known(asked, source)
        except advisories.NoSource as why:
            self.stdout.write(self.style.WARNING(f"Known vulnerabilities: not checked: no source reachable ({why})."))
            return
        except advisories.Misunderstood as why:
            raise CommandError(str(why)) from why
        verdict = advisories.judge(found, excused, timezone.localdate())
        for known, exception in verdict.excused:
            self.stdout.write(f"excused until {exception.until}: {known} ({exception.reason})")
        for exception in verdict.unused:
            self.stdout.write(
                self.style.WARNING(f"an exception that is not needed: {exception.name}, {exception.purl}")
            )
        if not verdict.is_good:
            lines = "\n".join(map(str, verdict.open))
            raise CommandError(f"{len(verdict.open)} known vulnerabilities in {len(asked)} parts:\n{lines}")
        self.stdout.write(f"Known vulnerabilities: {len(asked)} parts, none of which has one that is not excused.")
