"""The worker and its commands, with time limits for jobs; settings are checked as at the start of pages."""

from typing import Any

from procrastinate.contrib.django.management.commands.procrastinate import Command as Procrastinate

from entity_portal import limits


class Command(Procrastinate):
    def handle(self, *args: Any, **options: Any) -> None:
        limits.tell(limits.JOBS)
        super().handle(*args, **options)
