"""`manage.py migrate`: Django's, as the role that owns the tables, and then what the portal itself may do in them.

It gives up behind a lock before those who wait behind it notice: it is run again.
"""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS

from entity_portal import limits
from entity_portal.privileges import NoRuntime, NotOwner, as_owner, grant


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        if options["database"] != DEFAULT_DB_ALIAS:
            raise CommandError("The portal has one database; its second connection leads to the same.")
        limits.tell(limits.MIGRATIONS)
        with as_owner():
            super().handle(*args, **options)
            if not options["plan"]:
                self.grant()

    def grant(self) -> None:
        try:
            grant()
        except NoRuntime:
            raise CommandError(
                "There is no role portal_runtime. Make the roles first: deploy/postgres/roles.sql."
            ) from None
        except NotOwner as error:
            raise CommandError(
                f"Of another role: {error}. Set MIGRATE_DATABASE_URL to the address of the role that owns the tables."
            ) from None
