"""Applications of the demonstration."""

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from django.utils import timezone

from accounts.applications.models import Application, Kind, Move, Power, Proof, State
from staff.models import StaffLogin


@transaction.atomic
def empowered(login: StaffLogin) -> Application:
    """The application, approved at once, that has made a login an administrator beside others (Q4)."""
    now = timezone.now()
    made = Application.objects.create(
        kind=Kind.ADMINISTRATORS,
        state=State.APPROVED,
        entity=login.entity,
        subject=str(login.entity),
        answers={"representative": {}, "person": {}, "agreement": {}},
        submitted_at=now,
        decided_at=TransactionNow(),
        at_once=True,
        proof=Proof.SMS,
        proven_at=now,
    )
    Move.objects.create(application=made, was=State.DRAFT, now=State.SUBMITTED)
    Move.objects.create(application=made, was=State.SUBMITTED, now=State.APPROVED)
    Power.objects.create(application=made, login=login)
    return made
