"""The inventory of what others wrote: whole, true to the lock, in licences that we may use (ASVS 15.1.2)."""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from packaging.utils import canonicalize_name

from entity_portal.inventory import licences, parts
from entity_portal.inventory.parts import LOCK, Mismatch, Part, locked
from entity_portal.postgres import ROOT


@pytest.fixture(scope="module")
def found() -> list[Part]:
    return parts.parts()


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("sbom") / "sbom.json"
    call_command("sbom", file)
    made: dict[str, Any] = json.loads(file.read_text())
    return made


# --- the lock ---


def test_every_line_of_the_lock_has_one_version_and_hashes_ASVS_15_1_2() -> None:
    lines = locked(LOCK.read_text())
    assert len(lines) == len(re.findall(r"^\w[^\n]*==", LOCK.read_text(), re.M)) > 100
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for line in lines for each in line.hashes)


@pytest.mark.parametrize("line", ["django>=5.2 --hash=sha256:00", "django==5.2.19", "django --hash=sha256:00"])
def test_a_line_without_version_or_hash_is_refused_ASVS_15_1_2(line: str) -> None:
    with pytest.raises(Mismatch, match="django"):
        locked(line)


def test_what_the_project_asks_for_is_locked_ASVS_15_1_2(found: list[Part]) -> None:
    wanted = re.findall(r'^    "([\w.-]+)', (ROOT / "pyproject.toml").read_text().partition("[tool.")[0], re.M)
    assert {canonicalize_name(each) for each in wanted} == {
        part.name for part in found if part.direct and part.purl.startswith("pkg:pypi/")
    }


def test_another_version_than_the_locked_one_is_found_out_ASVS_15_1_2(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(re.sub(r"^gunicorn==\S+", "gunicorn==1.0.0", LOCK.read_text(), flags=re.M))
    monkeypatch.setattr(parts, "LOCK", lock)
    with pytest.raises(Mismatch, match=r"gunicorn: 1\.0\.0 is locked"):
        parts.parts()


def test_tools_and_what_runs_are_told_apart_ASVS_15_2_3(found: list[Part]) -> None:
    runs = {part.name: part.runs for part in found}
    assert runs["django"]
    assert runs["psycopg-binary"], "asked for by an extra"
    assert runs["sqlparse"], "needed by Django"
    assert not runs["pytest"]
    assert not runs["colorama"], "on Windows alone"
    assert not runs["openid-client"], "a sample to copy"


# --- what lies inside ---


def test_every_script_that_is_served_and_is_not_ours_is_in_the_inventory_ASVS_15_1_2(found: list[Part]) -> None:
    """A library that a package brings into its static files has a line of its own in docs/licences.toml."""
    known = {"jquery": "jQuery", "select2": "Select2", "xregexp": "XRegExp", "django_htmx": "htmx"}
    inside = {each.name for part in found for each in part.inside}
    ours = {path.relative_to(ROOT / "static").as_posix() for path in (ROOT / "static").rglob("*.js")}
    served = {path for finder in get_finders() for path, _storage in finder.list([]) if path.endswith(".js")}
    own = ("admin/", "oauth2_provider/", "otp_totp/")  # written by the package that serves them
    brought = {path for path in served - ours if "/vendor/" in path or not path.startswith(own)}
    assert len(brought) > 10
    for path in brought:
        names = [name for place, name in known.items() if place in path.split("/")]
        assert names, f"{path}: whose is it?"
        assert set(names) <= inside


def test_versions_of_what_lies_inside_are_read_and_not_believed_ASVS_15_1_2(
    found: list[Part], monkeypatch: pytest.MonkeyPatch
) -> None:
    import icu

    inside = {each.name: each.version for part in found for each in part.inside}
    assert inside["ICU"] == icu.ICU_VERSION
    assert inside["openssl"], "from the wheel's own list (PEP 770)"
    wrong = [{**each, "version": "no such thing ([0-9]+)"} for each in parts.rules()["bundled"]]
    monkeypatch.setattr(parts, "rules", lambda: {"stated": {}, "bundled": wrong})
    with pytest.raises(Mismatch, match="no version"):
        parts.parts()


# --- the SBOM ---


def test_the_sbom_is_valid_cyclonedx_ASVS_15_1_2(document: dict[str, Any]) -> None:
    judge = JsonStrictValidator(SchemaVersion.V1_6)
    assert judge.validate_str(json.dumps(document)) is None
    assert judge.validate_str(json.dumps({**document, "specVersion": 1.6})) is not None


def test_the_sbom_has_every_line_of_the_lock_with_its_hashes_ASVS_15_1_2(document: dict[str, Any]) -> None:
    components = {each["purl"]: each for each in document["components"]}
    for line in locked(LOCK.read_text()):
        component = components[f"pkg:pypi/{line.name}@{line.version}"]
        files = [component, *component.get("externalReferences", [])]
        assert {f"sha256:{each['content']}" for file in files for each in file.get("hashes", [])} == set(line.hashes)
        assert component["licenses"]
        assert component["scope"] in {"required", "excluded"}


def test_references_of_the_sbom_lead_somewhere_and_are_said_once_ASVS_15_1_2(document: dict[str, Any]) -> None:
    def references(components: list[dict[str, Any]]) -> list[str]:
        return [
            reference for each in components for reference in (each["bom-ref"], *references(each.get("components", [])))
        ]

    said = ["entity-portal", *references(document["components"])]
    assert len(said) == len(set(said))
    dependencies = {each["ref"]: each["dependsOn"] for each in document["dependencies"]}
    assert {*dependencies, *(one for each in dependencies.values() for one in each)} <= set(said)
    assert any(
        each.startswith("pkg:pypi/sqlparse@")
        for name, needs in dependencies.items()
        if "/django@" in name
        for each in needs
    )


def test_the_sbom_names_no_place_of_this_machine_or_a_builder_ASVS_15_1_2(document: dict[str, Any]) -> None:
    assert "file:" not in json.dumps(document)
    assert str(ROOT) not in json.dumps(document)


# --- licences ---


def test_the_page_of_licences_is_what_the_locks_say_ASVS_15_1_2(found: list[Part]) -> None:
    assert (ROOT / "docs" / "licences.md").read_text() == licences.page(found), "run manage.py licences"


def test_every_licence_is_clear_and_allowed_ASVS_15_1_2(found: list[Part]) -> None:
    assert licences.not_allowed(found, parts.rules()) == []


@pytest.mark.parametrize(
    ("licence", "runs", "said"),
    [
        ("", True, "is not clear"),
        ("AGPL-3.0-only", False, "AGPL-3.0-only is not allowed"),
        ("MIT AND AGPL-3.0-only", True, "AGPL-3.0-only is not allowed"),
        ("GPL-3.0-or-later", True, "GPL-3.0-or-later is not allowed"),
        ("GPL-3.0-or-later", False, None),
        ("MIT OR Apache-2.0", True, None),
    ],
)
def test_other_licences_are_refused_and_tools_may_have_more_ASVS_15_1_2(
    licence: str, runs: bool, said: str | None
) -> None:
    part = Part("new", "1.0", "pkg:pypi/new@1.0", licence, runs)
    for each in (part, dataclasses.replace(part, licence="MIT", inside=(part,)) if licence else part):
        sentences = licences.not_allowed([each], parts.rules())
        assert [said in sentence for sentence in sentences] == [True] if said else sentences == []


def test_what_a_person_wrote_down_is_needed_ASVS_15_1_2(found: list[Part]) -> None:
    """A package that says its licence itself by now needs no line in docs/licences.toml."""
    names = {part.name for part in found}
    for name in parts.rules()["stated"]:
        assert name in names
    for each in parts.rules()["bundled"]:
        assert each["in"] in names


@pytest.mark.parametrize(
    ("told", "licence"),
    [
        ({"License-Expression": "mit or apache-2.0"}, "MIT OR Apache-2.0"),
        ({"License": "BSD-3-Clause", "Classifier": "License :: OSI Approved :: BSD License"}, "BSD-3-Clause"),
        ({"License": "BSD", "Classifier": "License :: OSI Approved :: BSD License"}, ""),
        ({"License": "see LICENSE", "Classifier": "License :: OSI Approved :: MIT License"}, "MIT"),
        ({}, ""),
    ],
)
def test_what_a_package_says_of_its_licence_ASVS_15_1_2(told: dict[str, str], licence: str) -> None:
    from email.message import Message

    message = Message()
    for name, value in told.items():
        message[name] = value
    assert licences.declared(message) == licence
