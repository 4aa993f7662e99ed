"""Opening entities, and bringing the official register in."""

from django.db import transaction

from accounts.models import Entity, LegalRepresentative, RegisterEntry
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record

MACAO_RESIDENT_IDS = {"bir_permanent", "bir_non_permanent"}  # S12.2


class AlreadyOpen(Exception):
    """There is an entity of this registration number; `args[0]` is its entity number."""


@transaction.atomic
def open_from_register(*, entry: RegisterEntry) -> Entity:
    """Make the entity of a line of the register, with its legal representative, inside the caller's transaction.

    The caller adds the first administrator before the commit: without one the database refuses the entity (S3.4).

    Raises:
        AlreadyOpen
    """
    if there := Entity.objects.filter(registration_number=entry.registration_number).first():
        raise AlreadyOpen(there.number)
    entity = Entity.objects.create(
        name_zh=entry.name_zh, name_pt=entry.name_pt, kind=entry.kind, registration_number=entry.registration_number
    )
    LegalRepresentative.objects.create(
        entity=entity,
        name_zh=entry.representative_name_zh,
        name_foreign=entry.representative_name_foreign,
        document_number=entry.representative_document_number,
        mobile=entry.representative_mobile,
        holds_macao_resident_id=entry.representative_document_type in MACAO_RESIDENT_IDS,
    )
    record(Action.ENTITY_OPENED, entity=entity.number, actor=None, target=entity.number)
    return entity
