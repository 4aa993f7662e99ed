"""The API is what its description says: read by OpenAPI's own tools, and asked by schemathesis over the wire."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from django.test import override_settings
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from openapi_core.validation.response.exceptions import InvalidData
from openapi_spec_validator import OpenAPIV31SpecValidator

from services.models import ServiceGroup
from services.queries import Refusal
from tests.cast import Cast, company, enter, group, login, member
from tests.running import Portal, portal, static_files
from tests.services.api.asking import program

__all__ = ["portal", "static_files"]
SCHEMA = "/api/v1/schema/"


@pytest.fixture
def place(company: Cast) -> ServiceGroup:
    return group(open_to=company.entity)


@pytest.fixture
def described() -> dict[str, Any]:
    return enter().get(SCHEMA).json()


def test_everybody_may_read_the_description_and_keep_it(described: dict[str, Any]) -> None:
    answer = enter().get(SCHEMA)
    assert answer["Content-Type"] == "application/json"
    assert "max-age=3600" in answer["Cache-Control"]
    assert described["servers"] == [{"url": "http://testserver"}]
    with override_settings(PUBLIC_URL="https://portal.example.mo"):
        moved = enter().get(SCHEMA).json()
    assert moved["servers"] == [{"url": "https://portal.example.mo"}]
    flow = moved["components"]["securitySchemes"]["client"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == "https://portal.example.mo/oidc/token"
    assert enter().get("/.well-known/openid-configuration").json()["service_documentation"].endswith(SCHEMA)


def test_the_description_is_valid_and_knows_every_reason(described: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(described).validate()
    assert str(Refusal.values)[1:-1] in str(described["components"]["schemas"]["Change"])


def read_by_openapi_core(described: dict[str, Any]) -> OpenAPI:
    return OpenAPI.from_dict(
        described, config=Config(extra_media_type_deserializers={"application/problem+json": json.loads})
    )


@pytest.mark.parametrize("subject_type", ["public", "pairwise"])
def test_real_answers_are_what_is_described(
    company: Cast, place: ServiceGroup, described: dict[str, Any], subject_type: str
) -> None:
    efile = program(place.service, subject_type=subject_type)
    row = member(place, company.staff)
    efile.read("changes")
    row.ended_at = row.created_at
    row.save()
    member(place, company.staff, valid_from=row.created_at.date())
    told = efile.read("changes")["changes"]
    assert {change["kind"] for change in told} == {"gained", "lost"}
    subject = efile.party.client.subject_of(company.staff)
    api, statuses = read_by_openapi_core(described), set()
    for path, query in (
        ("changes", {}),
        ("changes", {"limit": "1"}),
        ("changes", {"limit": "0"}),
        ("changes", {"after": "x"}),
        ("authorizations", {"limit": "1"}),
        ("authorizations", {"access_token": "x"}),
        (f"authorizations/{subject}", {}),
        ("authorizations/CU0000000000", {}),
        ("authorizations/%00", {}),
    ):
        for headers in (efile.headers, {}):
            answer = efile.party.web.get(f"/api/v1/{path}", query, headers=headers)
            statuses.add(answer.status_code)
            validate(api, path, query, answer.content, answer.status_code, dict(answer.items()))
    assert statuses == {200, 400, 401, 404}
    with pytest.raises(InvalidData):
        validate(api, "changes", {}, b'{"changes": []}', 200, {"X-JWS-Signature": "a..b"})


def test_the_examples_are_answers_too(described: dict[str, Any]) -> None:
    api = read_by_openapi_core(described)
    for template, operation in described["paths"].items():
        example = operation["get"]["responses"]["200"]["content"]["application/json"]["example"]
        path = template.removeprefix("/api/v1/").replace("{subject}", "CU1234567890")
        validate(api, path, {}, json.dumps(example).encode(), 200, {"X-JWS-Signature": "a..b"})


def validate(api: OpenAPI, path: str, query: dict[str, str], body: bytes, status: int, headers: dict[str, str]) -> None:
    request = MockRequest("http://testserver", "get", f"/api/v1/{path}", args=query)
    kind = headers.get("Content-Type", "application/json")
    api.validate_response(request, MockResponse(body, status, headers, content_type=kind))


# Real names and cursors nobody can make up; fuzzing is given them, and the other phase may hear 400 for those it makes.
CONFIGURATION = """
seed = 1
workers = 2
continue-on-failure = true

[headers]
Authorization = "{token}"

[dictionaries.subjects]
values = ["{euid}", "CU0000000000"]

[dictionaries.changes]
values = ["{changes}"]

[dictionaries.pages]
values = ["{page}"]

[generation]
max-examples = 60

[phases.coverage.checks]
positive_data_acceptance = {{ expected-statuses = ["2xx", 400, 404] }}

[parameters]
"path.subject" = {{ dictionary = "subjects", probability = 0.5 }}

[[operations]]
include-operation-id = "changes"
parameters = {{ "query.after" = {{ dictionary = "changes", probability = 1.0 }} }}

[[operations]]
include-operation-id = "authorizations"
parameters = {{ "query.after" = {{ dictionary = "pages", probability = 1.0 }} }}
"""


@pytest.mark.race  # a real server
def test_schemathesis_finds_nothing_S13(portal: Portal, tmp_path: Path) -> None:
    house = company()
    place = group(open_to=house.entity)
    for person in (house.staff, *(login(entity=house.entity) for _number in range(3))):
        member(place, person)
    headers = program(place.service).headers
    told = requests.get(f"{portal.url}/api/v1/authorizations?limit=1", headers=headers, timeout=60).json()
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(
        CONFIGURATION.format(
            token=headers["Authorization"], euid=house.staff.euid, changes=told["changes_cursor"], page=told["next"]
        )
    )
    command = [str(Path(sys.executable).with_name("schemathesis")), f"--config-file={configuration}", "run"]
    run = subprocess.run([*command, f"{portal.url}{SCHEMA}"], capture_output=True, text=True, cwd=tmp_path, timeout=200)
    assert run.returncode == 0, run.stdout
