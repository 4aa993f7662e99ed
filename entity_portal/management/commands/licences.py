"""`manage.py licences`: write docs/licences.md from the locks, and fail where a licence is not clear or not allowed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entity_portal.inventory import licences, parts


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        found = parts.parts()
        page = parts.RULES.with_name("licences.md")
        page.write_text(licences.page(found))
        self.stdout.write(f"{page.name}: {len(found)} parts.")
        if wrong := licences.not_allowed(found, parts.rules()):
            raise CommandError("\n".join(wrong))
