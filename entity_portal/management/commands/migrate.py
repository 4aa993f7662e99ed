"""Django's `migrate`, which gives up behind a lock before those who wait behind it notice: it is run again."""

from typing import Any

from django.core.management.commands.migrate import Command as Migrate

from entity_portal import limits


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        limits.tell(limits.MIGRATIONS)
        super().handle(*args, **options)
