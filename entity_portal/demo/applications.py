"""Applications of the demonstration."""

from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from django.utils import timezone

from accounts.applications import operations
from accounts.applications.models import (
    Application,
    DocumentKind,
    Kind,
    MediaType,
    Move,
    Power,
    Proof,
    Reason,
    State,
)
from accounts.models import Entity, RegisterEntry
from accounts.models import Kind as EntityKind
from activation import terms
from entity_portal.documents import DocumentType
from staff.models import StaffLogin

# A page with one line of text: evidence to open.
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 120]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj\n"
    b"4 0 obj<</Length 56>>stream\nBT /F1 18 Tf 24 60 Td (Demonstration: a document) Tj ET\nendstream endobj\n"
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
# A line of the register for which no account was opened: whoever types it is approved at once.
UNOPENED: dict[str, Any] = {
    "registration_number": "30461 SO",
    "kind": EntityKind.COMPANY,
    "name_zh": "天成製衣有限公司",
    "name_pt": "Fábrica de Vestuário Tin Seng, Limitada",
    "representative_name_zh": "彭月娟",
    "representative_name_foreign": "PANG UT KUN",
    "representative_document_type": DocumentType.BIR_PERMANENT,
    "representative_document_number": "11351284",
    "representative_birth_date": "1948-06-01",
    "representative_mobile": "+85362033655",
}
WAITING: dict[str, Any] = {
    "entity": {
        "kind": EntityKind.ASSOCIATION,
        "name_zh": "濠江棋藝協會",
        "name_pt": "Associação de Xadrez Hou Kong",
        "registration_number": "9127",
    },
    "representative": {
        "name_zh": "梁志明",
        "name_foreign": "LEONG CHI MENG",
        "document_type": DocumentType.BIR_PERMANENT,
        "document_number": "51230987",
        "birth_date": "1966-02-14",
        "mobile": "+85366230987",
    },
    "administrators": [
        {
            "name_zh": "蕭美玲",
            "name_foreign": "SIO MEI LENG",
            "document_type": DocumentType.BIR_PERMANENT,
            "document_number": "12904417",
            "document_place": "MO",
            "birth_date": "1985-10-03",
            "mobile": "+85366904417",
            "email": "",
        }
    ],
}


def applications(entity: Entity, registrar: StaffLogin) -> None:
    """One of each kind, in the queue or with the applicant, and a line of the register to try approval at once with."""
    RegisterEntry.objects.get_or_create(registration_number=UNOPENED["registration_number"], defaults=UNOPENED)
    _first(WAITING)
    asked = _first(
        WAITING
        | {"entity": WAITING["entity"] | {"name_zh": "新橋坊眾體育會", "name_pt": "", "registration_number": "7741"}}
    )
    operations.ask(application=asked, by=registrar, reason=Reason.DOCUMENT_MISSING, text="請補交理監事名單。")
    logins = {str(login.username): login for login in entity.logins.filter(username__isnull=False)}
    administrator, staff = logins["chan.wengsan"], logins["ao.hoiian"]
    power = operations.begin_administrator(by=administrator, login=staff)
    representative = entity.legal_representatives.get()
    given = {
        "name_zh": representative.name_zh,
        "name_foreign": representative.name_foreign,
        "document_type": DocumentType.BIR_PERMANENT,
        "document_number": representative.document_number,
        "birth_date": "1958-06-30",
    }
    operations.keep(application=power, parts={"representative": given, "agreement": _agreement()})
    operations.submit(application=power, by=administrator)
    correction = operations.begin(kind=Kind.CORRECTION, language="zh-hant", by=staff, entity=entity, login=staff)
    evidence = {"name": "bir.pdf", "media_type": MediaType.PDF, "content": PDF}
    operations.keep_correction(
        application=correction,
        changes={"name_foreign": "AO HOI YAN"},
        explanation="新證件的拼音不同。",
        evidence=evidence,
    )
    operations.submit(application=correction, by=staff)


def _first(parts: dict[str, Any]) -> Application:
    application = operations.begin(kind=Kind.FIRST, language="zh-hant")
    application = operations.keep(
        application=application,
        parts={**parts, "agreement": _agreement()},
        subject=parts["entity"]["name_zh"],
        registration_number=parts["entity"]["registration_number"],
        mobile=parts["administrators"][0]["mobile"],
    )
    operations.add_document(
        application=application,
        kind=DocumentKind.REGISTRATION,
        name="registo.pdf",
        media_type=MediaType.PDF,
        content=PDF,
    )
    # Its code would have to come back in a transaction of its own.
    Application.objects.filter(pk=application.pk).update(mobile_proven_at=timezone.now())
    return operations.submit(application=application)


def _agreement() -> dict[str, str]:
    return {"terms": str(terms.current("zh-hant")), "accepted_at": timezone.now().isoformat()}


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
