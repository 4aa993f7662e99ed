"""Applications, ready to be handed in."""

from typing import Any

from accounts.applications import operations
from accounts.applications.models import Application, ConsentCode, DocumentKind, MediaType, ReturnCode
from accounts.applications.models import Kind as ApplicationKind
from accounts.models import Kind, LegalRepresentative, RegisterEntry
from entity_portal.documents import DocumentType
from entity_portal.messaging.models import SMS
from staff.models import StaffLogin
from tests.cast import BIRTH_DATE

NUMBER = "30461 SO"
ON_THE_REGISTER = "+85362033655"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def line(**fields: Any) -> RegisterEntry:
    """A line of the register."""
    said = {
        "registration_number": NUMBER,
        "kind": Kind.COMPANY,
        "name_zh": "天成製衣有限公司",
        "name_pt": "Fábrica de Vestuário Tin Seng, Limitada",
        "representative_name_zh": "彭月娟",
        "representative_name_foreign": "PANG UT KUN",
        "representative_document_type": DocumentType.BIR_PERMANENT,
        "representative_document_number": "11351284",
        "representative_birth_date": BIRTH_DATE,
        "representative_mobile": ON_THE_REGISTER,
    }
    return RegisterEntry.objects.create(**{**said, **fields})


REPRESENTATIVE = {
    "name_zh": "彭月娟",
    "name_foreign": "PANG UT KUN",
    "document_type": "bir_permanent",
    "document_number": "11351284",
    "birth_date": BIRTH_DATE,
    "mobile": "+85366000001",
}


def person(number: int = 0, **fields: Any) -> dict[str, Any]:
    said = {
        "name_zh": "馮子健",
        "name_foreign": "FONG CHI KIN",
        "document_type": "bir_permanent",
        "document_number": f"2{number:07d}",
        "document_place": "MO",
        "birth_date": BIRTH_DATE,
        "mobile": f"+8536650000{number}",
        "email": "",
    }
    return {**said, **fields}


def first(people: int = 1, **changes: Any) -> Application:
    """A first application, filled in, the applicant's number proven."""
    application = operations.begin(kind=ApplicationKind.FIRST, language="en")
    parts = {
        "entity": {
            "kind": "company",
            "name_zh": "天成製衣有限公司",
            "name_pt": "",
            "registration_number": NUMBER,
        },
        "representative": REPRESENTATIVE,
        "administrators": [person(each) for each in range(people)],
        "agreement": {"terms": "1 en"},
        **changes,
    }
    application = operations.keep(
        application=application,
        parts=parts,
        subject=parts["entity"]["name_zh"],
        registration_number=parts["entity"]["registration_number"],
        mobile=parts["administrators"][0]["mobile"],
    )
    operations.send_return_code(application=application)
    assert operations.return_code_is_right(application=application, code=known(ReturnCode, application))
    application.refresh_from_db()
    return application


def correction(login: StaffLogin, by: StaffLogin, **changes: Any) -> Application:
    """A correction, filled in, with evidence."""
    application = operations.begin(
        kind=ApplicationKind.CORRECTION, language="en", by=by, entity=login.entity, login=login
    )
    application = operations.keep(application=application, parts={"changes": changes, "explanation": "A new card."})
    operations.add_document(
        application=application,
        kind=DocumentKind.EVIDENCE,
        name="card.pdf",
        media_type=MediaType.PDF,
        content=PDF,
    )
    return application


def more_administrators(by: StaffLogin, *, login: StaffLogin | None = None, **fields: Any) -> Application:
    """Section 十二: the power for a staff login, or for somebody new."""
    application = operations.begin(
        kind=ApplicationKind.ADMINISTRATORS, language="en", by=by, entity=by.entity, login=login
    )
    parts: dict[str, Any] = {
        "representative": {name: value for name, value in REPRESENTATIVE.items() if name != "mobile"},
        "person": {} if login else person(7),
        "agreement": {"terms": "1 en"},
    }
    return operations.keep(application=application, parts={**parts, **fields})


def with_paper(application: Application) -> Application:
    """With the agreement that was signed at the counter."""
    kind = DocumentKind.AGREEMENT
    operations.add_document(
        application=application, kind=kind, name="agreement.pdf", media_type=MediaType.PDF, content=PDF
    )
    return application


def represented(login: StaffLogin) -> None:
    """Give the entity of a login the line and the representative of the register."""
    line()
    entity = login.entity
    entity.registration_number = NUMBER
    entity.save()
    LegalRepresentative.objects.create(
        entity=entity,
        name_zh="彭月娟",
        name_foreign="PANG UT KUN",
        document_number="11351284",
        mobile=ON_THE_REGISTER,
        holds_macao_resident_id=True,
    )


def known(kind: type[ReturnCode] | type[ConsentCode], application: Application) -> str:
    """The code that was sent last, read from its text."""
    row = kind._default_manager.filter(application=application).latest("created_at")
    body = SMS.objects.filter(to=row.mobile, purpose="confirmation").latest("created_at").body
    (code,) = {word.strip(".:") for word in body.split() if word.strip(".:").isdigit() and len(word.strip(".:")) == 6}
    return code
