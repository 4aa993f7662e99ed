"""Files that are brought in: none is a fault, keeps a process busy, or comes in by half (A88, A94, A95, A97)."""

import csv
import io
import time
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts import imports, register
from accounts.models import RegisterEntry, RegisterImport
from entity_portal.roles import Role
from services.catalogue import files
from staff.models.login import of_document
from tests import cast
from tests.accounts.test_import_register import GOOD, HEADER, file, line
from tests.accounts.test_register_pages import send
from tests.attacks.test_bad_input import NASTY

pytestmark = pytest.mark.django_db
SECONDS = 5  # of this process, in which the largest file that is taken is refused
WITHOUT_LIMITS = settings(
    max_examples=200, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def workbook(cells: str, *, name: str = "xl/worksheets/sheet1.xml") -> bytes:
    """A file in the form of Excel's, as far as a reader looks before it finds out."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("[Content_Types].xml", "<Types/>")
        zipped.writestr(name, cells)
    return packed.getvalue()


BOMBS = {
    "a workbook": workbook("<worksheet/>"),
    "a workbook that unpacks to 50 MB": workbook("<c/>" * 12_500_000),
    "a workbook with a cell in the last corner": workbook('<worksheet><c r="XFD1048576"/></worksheet>'),
    "a billion laughs": workbook('<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'),
    "a file of the machine": workbook('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'),
    "a way out of the folder": workbook("<x/>", name="../../../etc/cron.d/x"),
    "XML": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
}


@pytest.fixture
def registrar(db: None) -> Client:
    return cast.officer(Role.REGISTRAR)


def brought(client: Client, content: bytes, name: str = "register.csv") -> Any:
    """Upload a file, let the worker read it; the import, or the page that refuses it at once."""
    answer = send(client, content, name)
    assert answer.status_code in (200, 302)
    if answer.status_code == 200:
        assert answer.context["form"].errors["file"]
        return None
    held = RegisterImport.objects.latest("pk")
    imports.read(held.pk)
    held.refresh_from_db()
    return held


@pytest.mark.parametrize("name", ["register.csv", "register.xlsx", "register.xlsm", "register.csv.exe", "../../x.csv"])
@pytest.mark.parametrize("what", BOMBS)
def test_what_is_no_text_is_refused_at_once_and_nothing_comes_in_A94_A97(
    registrar: Client, what: str, name: str
) -> None:
    started = time.process_time()
    held = brought(registrar, BOMBS[what], name)
    assert held is None or held.state == "refused"
    assert time.process_time() - started < 1
    assert not RegisterEntry.objects.exists()


LONG = {
    "a quote that is never closed": (HEADER + "\n" + line() + '\n"' + "x," * 9_000_000).encode(),
    "quotes that are never closed": (HEADER + "\n" + '"\n' * 3_000_000).encode(),
    "a cell of 19 MB": file(line(name_zh="龘" * 6_500_000)),
    "a million columns": file(line() + "," * 1_000_000),
    "a header of a million columns": file(line(), header=HEADER + "".join(f",{n}" for n in range(1_000_000))),
    "empty lines": (HEADER + "\n" * 15_000_000).encode(),
    "commas": b"," * 19_000_000,
    "quotes": b'"' * 19_000_000,
    "carriage returns": b"\r" * 10_000_000,
}


@pytest.mark.parametrize("what", LONG)
def test_a_file_that_goes_on_and_on_is_refused_soon_A95(registrar: Client, what: str) -> None:
    started = time.process_time()
    held = brought(registrar, LONG[what])
    assert held is None or held.state == "refused", held.state
    assert time.process_time() - started < SECONDS
    assert not RegisterEntry.objects.exists()


def test_a_file_of_200_MB_is_refused_before_it_is_read_A95(registrar: Client) -> None:
    for size in (register.LARGEST + 1, 2 * register.LARGEST):
        assert brought(registrar, b"x" * size) is None
    assert not RegisterImport.objects.exists()


CELLS = st.one_of(
    st.sampled_from([value for value in NASTY.values() if "\ud800" not in value]),
    st.text(max_size=40),
    st.dates().map(str),
)


@WITHOUT_LIMITS
@given(st.sampled_from(sorted(GOOD)), CELLS)
def test_whatever_stands_in_a_cell_is_taken_as_it_is_or_named_by_its_column_A81_A85_A86_A87(
    column: str, cell: str
) -> None:
    judged = list(register.judge(file(line(), line(**{"registration_number": "200 SO", column: cell}))))
    problems = [problem for each in judged for problem in each.problems]
    assert {problem.column for problem in problems} <= {column, "", *register.FIELDS}
    for problem in problems:
        assert problem.line >= 3, "the line before is right"
        assert str(problem)
    if not problems:
        given_names = {name for name, value in judged[1].data.items() if value}
        others = {each.name for each in RegisterEntry._meta.fields} - given_names
        RegisterEntry(**judged[1].data).clean_fields(exclude=others)


@WITHOUT_LIMITS
@given(st.binary(max_size=400))
@example(b"\xff\xfe" + "registration_number".encode("utf-16-le"))
@example(HEADER.encode() + b"\n\xed\xa0\x80")
@example(b"\x00" * 400)
@example(b"\xef\xbb\xbf")
def test_whatever_a_file_is_it_is_judged_and_is_no_fault_A81_A82_A95(content: bytes) -> None:
    for told in (content, HEADER.encode() + b"\n" + content):
        judged = list(register.judge(told))
        assert all(each.data or each.problems for each in judged)
    try:
        listed = files.read(SimpleUploadedFile("numbers.csv", content))
    except files.ValidationError:
        return
    assert all(files.NUMBER.fullmatch(number) for number in listed.numbers)


def test_a_bad_line_among_a_thousand_leaves_nothing_behind_A95(registrar: Client) -> None:
    good = [line(registration_number=f"{number} SO") for number in range(1000, 2000)]
    held = brought(registrar, file(*good, line(registration_number="1 SO", name_zh="a\u200bb")))
    assert held.state == "refused"
    assert held.problems.exists()
    assert not held.lines.exists()
    assert not RegisterEntry.objects.exists()


HKSCS = ["啲嘅㗎冚", "𠮷𠝹𨋢", "唪唥𡃁仔", "㒼㓥㔀", "\U0002f800"]


@pytest.mark.parametrize("name", HKSCS)
def test_a_rare_name_survives_import_form_page_and_export_A88(registrar: Client, name: str) -> None:
    """From the file into the register, and from the form to the list, the page and the file that is downloaded."""
    held = brought(registrar, file(line(name_zh=f"{name}有限公司", representative_name_zh=name)))
    assert held.state == "read", list(held.problems.values())
    (kept,) = register.judge(file(line(name_zh=f"{name}有限公司", representative_name_zh=name)))
    assert (kept.data["name_zh"], kept.data["representative_name_zh"]) == (f"{name}有限公司", name)
    house = cast.company()
    client = cast.enter(house.administrator)
    data = {
        "name_zh": name,
        "name_foreign": "SOMEBODY",
        "document_type": "bir_permanent",
        "document_number": "50500505",
        "document_place": "MO",
        "birth_date": "1995-05-05",
        "mobile_0": "MO",
        "mobile_1": "66505505",
        "email": "",
    }
    assert client.post("/staff/new/", data).status_code == 302
    made = house.entity.logins.get(of_document("50500505"))
    assert made.name_zh == name
    assert name in client.get(f"/staff/{made.euid}/").content.decode()
    exported = client.get("/staff/export.csv").getvalue().decode("utf-8-sig")
    assert [row for row in csv.reader(io.StringIO(exported)) if name in row]
    found = client.get("/staff/", {"q": name}).content.decode()
    assert made.euid in found
