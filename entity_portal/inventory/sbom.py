"""The inventory as a software bill of materials: CycloneDX 1.6, JSON."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from entity_portal.inventory.parts import Part

PORTAL = "entity-portal"
ALGORITHMS = {"sha256": "SHA-256", "sha512": "SHA-512"}


def document(parts: Iterable[Part], *, version: str, made: datetime, serial: UUID) -> dict[str, Any]:
    """Of the portal in `version`. Tools are marked as not being part of what is handed out (scope "excluded")."""
    parts = list(parts)
    purls = {part.name: part.purl for part in parts if part.purl.startswith("pkg:pypi/")}
    direct = sorted(part.purl for part in parts if part.direct)
    dependencies = [{"ref": PORTAL, "dependsOn": direct}]
    dependencies += [
        {"ref": part.purl, "dependsOn": sorted(purls[each] for each in part.needs)} for part in parts if part.needs
    ]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial.urn,
        "version": 1,
        "metadata": {
            "timestamp": made.astimezone(UTC).isoformat(timespec="seconds"),
            "tools": {"components": [{"type": "application", "name": "manage.py sbom", "version": version}]},
            "component": {"type": "application", "bom-ref": PORTAL, "name": PORTAL, "version": version},
        },
        "components": [component(part) for part in parts],
        "dependencies": dependencies,
    }


def component(part: Part, within: str = "") -> dict[str, Any]:
    """One part; `within` is the reference of the part that it lies in, as several may bring along the same."""
    reference = f"{within}#{part.name}@{part.version}" if within else part.purl
    said: dict[str, Any] = {"type": "library", "bom-ref": reference, "name": part.name, "version": part.version}
    said["scope"] = "required" if part.runs else "excluded"
    if part.purl:
        said["purl"] = part.purl
    if part.licence:
        said["licenses"] = [{"expression": part.licence}]
    hashes = [{"alg": ALGORITHMS[name], "content": digest} for name, _colon, digest in map(parted, part.hashes)]
    if len(hashes) == 1:
        said["hashes"] = hashes
    elif hashes:  # of the files that the lock takes; which of them is installed depends on the machine
        said["externalReferences"] = [{"type": "distribution", "url": part.purl, "hashes": hashes}]
    if part.marker:
        said["properties"] = [{"name": f"{PORTAL}:only-where", "value": part.marker}]
    if part.inside:
        said["components"] = [component(each, reference) for each in part.inside]
    return said


def parted(text: str) -> tuple[str, str, str]:
    return text.partition(":")
