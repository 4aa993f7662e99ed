"""Documents that come with an application: what is in a file counts, not what it calls itself (A97)."""

import struct
import zipfile
import zlib
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import StopUpload
from django.http import HttpRequest

from accounts import register
from accounts.applications import uploads
from accounts.applications.forms import DocumentForm
from accounts.applications.models import LARGEST, Document, DocumentContent, MediaType
from accounts.applications.views.documents import document_response
from entity_portal.uploads import AT_MOST, FAR_TOO_MUCH, CountedUploadHandler
from tests.accounts.applications.asking import PDF
from tests.accounts.applications.filling_in import add, fill_in, picture, the_one
from tests.pages import text_of


def pdf(*objects: bytes, end: bytes = b"%%EOF\n") -> bytes:
    return b"%PDF-1.7\n" + b"".join(objects) + b"trailer<</Root 1 0 R>>\n" + end


def stream(content: bytes, words: bytes = b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode") -> bytes:
    return b"2 0 obj<<%s/Length %d>>stream\n%s\nendstream endobj\n" % (words, len(content), content)


def archive() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("bomb", b"\0" * 2**20)
    return made.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that says how large it is, in some hundred bytes."""

    def part(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 4096)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", data) + part(b"IEND", b"")


SCRIPT = b"<</S/JavaScript/JS(app.alert(1))>>"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PDF, MediaType.PDF),
        (pdf(stream(zlib.compress(b"1 0 <</Type/Page>>"))), MediaType.PDF),
        (pdf(stream(b"\xff\xd8\xff random", b"/Filter/DCTDecode")), MediaType.PDF),
        (picture("PNG"), MediaType.PNG),
        (picture("JPEG"), MediaType.JPEG),
    ],
)
def test_what_a_file_is_is_told_by_what_is_in_it(content: bytes, media_type: MediaType) -> None:
    assert uploads.judge(content) == media_type


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (archive(), "unknown"),
        (b"MZ\x90\0" + b"\0" * 100, "unknown"),
        (b"<html><script>alert(1)</script>", "unknown"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "heic"),
        (archive() + PDF, "unknown"),
        (PDF[:-6], "broken"),
        (picture("PNG")[:60], "broken"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "broken"),
        (png_of(20_000, 20_000), "pixels"),
        (png_of(10_000, 9_000), "pixels"),
        (pdf(b"1 0 obj" + SCRIPT + b"endobj\n"), "active"),
        (pdf(b"1 0 obj<</S/J#61vaScript/JS(x)>>endobj\n"), "active"),
        (pdf(b"1 0 obj<</S/Launch/F(cmd.exe)>>endobj\n"), "active"),
        (pdf(b"1 0 obj<</Names[(a.exe)<</EF<</F 3 0 R>>>>]/Type/EmbeddedFile>>endobj\n"), "active"),
        (pdf(stream(zlib.compress(b"1 0 " + SCRIPT))), "active"),
        (pdf(stream(zlib.compress(b" " * (2**20 - 30) + SCRIPT))), "active"),
        (pdf(b"3 0 obj<</Filter/Standard>>endobj\n", end=b"/Encrypt 3 0 R\n%%EOF"), "encrypted"),
        (pdf(stream(b"\x80\x0b\x60\x50", b"/Type/ObjStm/N 1/First 4/Filter/LZWDecode")), "packed"),
        (pdf(*[stream(b"", b"")] * 20_001), "packed"),
    ],
    ids=range(19),
)
def test_what_is_no_document_or_runs_something_is_refused_A97(content: bytes, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        uploads.judge(content)
    assert refusal.value.code == code


def test_a_pdf_that_unpacks_to_too_much_is_refused_before_it_is_unpacked_A97(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "UNPACKED", 2**21)
    assert uploads.judge(pdf(stream(zlib.compress(b" " * 2**21)))) == MediaType.PDF
    with pytest.raises(ValidationError) as refusal:
        uploads.judge(pdf(stream(zlib.compress(b" " * (2**21 + 1)))))
    assert refusal.value.code == "packed"


def judged(name: str, content: bytes) -> DocumentForm:
    return DocumentForm({"kind": "other"}, {"file": _file(name, content)})


def _file(name: str, content: bytes) -> SimpleUploadedFile:
    file = SimpleUploadedFile("x", content)
    file._name = name  # past Django's own cleaning, which is not ours to rely on
    return file


@pytest.mark.parametrize(
    ("name", "content", "shown"),
    [
        ("certidão.pdf", PDF, "certidão.pdf"),
        ("商業登記.PDF", PDF, "商業登記.PDF"),
        ("image", picture("JPEG"), "image.jpg"),
        ("photo.jpeg", picture("JPEG"), "photo.jpeg"),
        ("../../etc/passwd.pdf", PDF, "passwd.pdf"),
        ("C:\\Users\\me\\a.pdf", PDF, "a.pdf"),
        ("inv\u202efdp.pdf", PDF, "invfdp.pdf"),
        ("a\r\nb\0.pdf", PDF, "ab.pdf"),
        (".pdf", PDF, "-.pdf"),
        ("x" * 300 + ".pdf", PDF, "x" * 116 + ".pdf"),
    ],
)
def test_a_name_is_kept_as_a_person_reads_it_and_as_nothing_else(name: str, content: bytes, shown: str) -> None:
    form = judged(name, content)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["file"].name == shown


@pytest.mark.parametrize(
    "name",
    ["invoice.js", "a.php", "x.pdf.exe", "a.html", "photo.png", "a.pdf.", "<script>alert(1)</script>.pdf", "a>b.pdf"],
)
def test_a_name_that_does_not_fit_asks_for_another(name: str) -> None:
    form = judged(name, PDF)
    assert not form.is_valid()
    assert form.errors.as_data()["file"][0].code == ("markup" if {"<", ">"} & set(name) else "rename")


def test_a_file_has_a_size() -> None:
    assert judged("a.pdf", b"").errors.as_data()["file"][0].code == "empty"
    just = PDF[:9] + b" " * (LARGEST - len(PDF)) + PDF[9:]
    assert len(just) == LARGEST
    assert judged("a.pdf", just).is_valid()
    assert judged("a.pdf", just + b"\n").errors.as_data()["file"][0].code == "too_large"
    assert max(LARGEST, register.LARGEST) <= AT_MOST, "what is kept of a request is as much as any page takes"


# --- the request ---


def handler(length: int = 0) -> CountedUploadHandler:
    made = CountedUploadHandler(HttpRequest())
    made.handle_raw_input(None, {}, length, "")
    made.new_file("file", "a.pdf", "application/pdf", None)
    return made


def test_of_a_file_that_is_too_large_nothing_is_kept_but_its_size() -> None:
    counted = handler()
    for at in range(0, 5 * AT_MOST, 2**20):
        counted.receive_data_chunk(b"x" * 2**20, at)
        assert counted.file.getbuffer().nbytes <= AT_MOST
    file = counted.file_complete(5 * AT_MOST)
    assert file.read() == b""
    assert file.size == 5 * AT_MOST


def test_many_files_in_one_request_take_no_more_memory_than_one() -> None:
    counted = handler()
    counted.receive_data_chunk(b"x" * (AT_MOST - 1), 0)
    assert counted.file_complete(AT_MOST - 1).size == AT_MOST - 1
    counted.new_file("file", "b.pdf", "application/pdf", None)
    counted.receive_data_chunk(b"xx", 0)
    assert counted.file.getbuffer().nbytes == 0


def test_what_is_far_too_much_is_not_even_read() -> None:
    with pytest.raises(StopUpload):
        handler(FAR_TOO_MUCH + 1)


# --- the page ---

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bomb.pdf", archive()),
        ("empty.pdf", b""),
        ("large.pdf", PDF + b" " * LARGEST),
        ("invoice.js", PDF),
        ("script.pdf", pdf(b"1 0 obj" + SCRIPT + b"endobj\n")),
    ],
)
def test_a_bad_file_gets_an_error_beside_its_field_and_nothing_of_it_is_kept_A97(name: str, content: bytes) -> None:
    client = fill_in()
    before = the_one().answers
    answer = add(client, name, content, kind="identity")
    assert answer.status_code == 200
    form = answer.context["form"]
    assert form.errors.keys() == {"file"}
    assert str(form.errors["file"][0]) in text_of(answer).replace("&lt;", "<").replace("&gt;", ">")
    assert form["kind"].value() == "identity", "what else was chosen stays"
    assert not Document.objects.exists()
    assert not DocumentContent.objects.exists()
    assert the_one().answers == before


def test_a_document_is_served_to_be_kept_and_never_to_be_run_A97(client: Any) -> None:
    add(fill_in(), "商業 登記.pdf")
    response = document_response(Document.objects.get())
    assert response.content == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_file_costs_no_more_than_it_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream in a stream, a hundred deep: what was looked at for one is not looked at again for the next."""
    fed = 0
    real = zlib.decompressobj

    class Counting:
        def __init__(self) -> None:
            self.inner = real()

        def decompress(self, packed: bytes, most: int) -> bytes:
            nonlocal fed
            piece = self.inner.decompress(packed, most)
            fed += len(packed) - len(self.inner.unconsumed_tail) - len(self.inner.unused_data)
            return piece

        def __getattr__(self, name: str) -> Any:
            return getattr(self.inner, name)

    monkeypatch.setattr(uploads.zlib, "decompressobj", Counting)
    inside = b"0" * 10_000
    for _each in range(100):
        inside = b"stream\n" + zlib.compress(inside, 0)
    content = pdf(inside)
    assert judged("a.pdf", content).is_valid()
    assert 0 < fed <= 2 * len(content)


def test_names_that_hide_a_script_are_found_and_signs_in_pictures_are_not_names() -> None:
    hidden = pdf(b"1 0 obj<</S/J#61v#61Script/JS(x)>>endobj\n")
    assert judged("a.pdf", hidden).errors.as_data()["file"][0].code == "active"
    assert judged("a.pdf", pdf(stream(zlib.compress(b"#41" * 1_000_000), b"/Filter/FlateDecode"))).is_valid()


@pytest.mark.parametrize("filters", [b"[/FlateDecode/ASCIIHexDecode]", b"[/FlateDecode/FlateDecode]"])
def test_objects_packed_twice_are_refused(filters: bytes) -> None:
    hidden = zlib.compress(b"2F4A617661536372697074>")
    words = b"/Type/ObjStm/N 1/First 4/Filter" + filters
    assert judged("a.pdf", pdf(stream(hidden, words))).errors.as_data()["file"][0].code == "packed"


def test_half_a_photograph_is_refused() -> None:
    whole = picture("JPEG", (600, 600))
    assert judged("a.jpg", whole).is_valid()
    assert judged("a.jpg", whole[: len(whole) // 2]).errors.as_data()["file"][0].code == "broken"
