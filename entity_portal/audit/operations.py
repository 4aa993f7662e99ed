"""Writing history: one line per operation, in the operation's transaction, as its last statement.

The database holds the entity's chain from the insert until the commit, hence last.
"""

from collections.abc import Iterable
from typing import Any, Protocol

from django.db import transaction

from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event


class Actor(Protocol):
    euid: str

    def __str__(self) -> str: ...


def record(action: Action, *, entity: str, actor: Actor | None, target: str = "", **data: Any) -> None:
    """Append one line about `target` (an EUID, or what the action is about) to the history of the entity's number.

    `actor` is None for the system and for someone who has not signed in. `data` holds what changed, old and new.
    """
    record_many(action, entity=entity, actor=actor, targets=[target], **data)


def record_many(action: Action, *, entity: str, actor: Actor | None, targets: Iterable[str], **data: Any) -> None:
    """Append a line about each of `targets`, all saying the same, in one statement."""
    if not transaction.get_connection().in_atomic_block and action not in OUTSIDE_TRANSACTIONS:
        raise RuntimeError(f"{action} must be recorded in the transaction of its operation")
    Event.objects.bulk_create(
        Event(
            entity_number=entity,
            actor=actor.euid if actor else "",
            actor_label=str(actor) if actor else "",
            action=action,
            target=target,
            data=data,
        )
        for target in targets
    )


# What is remembered although nothing else is written: refusals and visits.
OUTSIDE_TRANSACTIONS = frozenset(
    {
        Action.SIGNED_IN,
        Action.SIGN_IN_REFUSED,
        Action.LOCKED,
        Action.CODE_REFUSED,
        Action.LIST_EXPORTED,
        Action.LIST_DOWNLOADED,
        Action.DATA_REVEALED,
        Action.OFFICER_READ,
        Action.OFFICER_EXPORTED,
        Action.DOCUMENT_READ,
    }
)
