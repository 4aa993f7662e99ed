"""An applicant at a browser, who fills in page after page."""

import re
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.applications.models import Application
from entity_portal.humancheck.models import Challenge
from entity_portal.messaging.models import SMS
from tests.accounts.applications.asking import NUMBER, PDF
from tests.cast import EnglishReader, enter, worker

ENTITY = {"kind": "company", "name_zh": "天成製衣有限公司", "name_pt": "", "registration_number": NUMBER}
MOBILE = "66500000"
REPRESENTATIVE = {
    "name_zh": "彭月娟",
    "name_foreign": "PANG UT KUN",
    "document_type": "bir_permanent",
    "document_number": "1135128(4)",
    "birth_date": "1990-01-01",
    "mobile_0": "MO",
    "mobile_1": "66000001",
}
APPLICANT = {
    "name_zh": "馮子健",
    "name_foreign": "FONG CHI KIN",
    "document_type": "bir_permanent",
    "document_number": "20000000",
    "document_place": "MO",
    "birth_date": "1990-01-01",
    "mobile_0": "MO",
    "mobile_1": MOBILE,
    "email": "",
}
OTHER = APPLICANT | {"name_zh": "李美玲", "name_foreign": "LEI MEI LENG", "document_number": "20000001"}


def human() -> dict[str, str]:
    question = Challenge.ask("picture")
    return {"human_0": question.key, "human_1": question.task}


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    drawn = BytesIO()
    Image.new("RGB", size, "white").save(drawn, kind)
    return drawn.getvalue()


def begin(client: Client | None = None, **changes: str) -> EnglishReader:
    """The first page: from then on there is a draft."""
    client = client or enter()
    first = ENTITY | {"mobile_0": "MO", "mobile_1": MOBILE, "email": ""} | human() | changes
    answer = client.post("/apply/begin/", first)
    assert (answer.status_code, answer["Location"]) == (302, "/apply/representative/"), answer.context["form"].errors
    return client  # type: ignore[return-value]


def fill_in(client: Client | None = None, *, people: int = 1, **changes: str) -> EnglishReader:
    """All pages, up to the last look."""
    client = begin(client, **changes)
    assert client.post("/apply/representative/", REPRESENTATIVE).status_code == 302
    for place, person in enumerate((APPLICANT, OTHER)[:people], start=1):
        answer = client.post(f"/apply/administrators/{place}/", person)
        assert answer["Location"] == "/apply/administrators/"
    assert client.post("/apply/agreement/", {"agree": "on"})["Location"] == "/apply/review/"
    return client


def last_code(number: str) -> str:
    body = SMS.objects.filter(to=number, purpose="confirmation").latest("created_at").body
    (code,) = re.findall(r"\b\d{6}\b", body)
    return code


def prove(client: Client) -> None:
    """Confirm the applicant's number."""
    assert client.post("/apply/save/send/")["Location"] == "/apply/save/code/"
    assert client.post("/apply/save/code/", {"code": last_code(f"+853{MOBILE}")}).status_code == 302


def submitted(client: Client | None = None, **changes: Any) -> EnglishReader:
    client = fill_in(client, **changes)
    prove(client)
    assert client.post("/apply/submit/").status_code == 302
    return client


def add(client: Client, name: str = "registo.pdf", content: bytes = PDF, kind: str = "registration") -> Any:
    return client.post("/apply/documents/", {"kind": kind, "file": SimpleUploadedFile(name, content)})


def come_back(number: str, mobile: str = MOBILE, client: Client | None = None) -> EnglishReader:
    """Another browser, with application number, mobile and the code that is sent."""
    client = client or enter()
    answer = client.post("/apply/track/", {"number": number, "mobile_0": "MO", "mobile_1": mobile} | human())
    assert answer["Location"] == "/apply/track/code/"
    worker()
    answer = client.post("/apply/track/code/", {"code": last_code(f"+853{mobile}")})
    assert answer["Location"] == "/apply/progress/", answer.context["form"].errors
    return client  # type: ignore[return-value]


def the_one() -> Application:
    return Application.objects.get()
