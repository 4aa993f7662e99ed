"""Under which licence a part comes, in SPDX's terms, and whether we may use it so."""

import re
from collections.abc import Iterable
from email.message import Message
from typing import TYPE_CHECKING, Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

if TYPE_CHECKING:
    from entity_portal.inventory.parts import Part

# Classifiers that leave no doubt; "BSD License" does.
CLASSIFIERS = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


def canonical(said: str | None) -> str:
    """An SPDX expression as it is written, or "" where it is none."""
    try:
        return str(canonicalize_license_expression(said or ""))
    except InvalidLicenseExpression:
        return ""


def declared(said: Any) -> str:
    """What a package's metadata says: License-Expression (PEP 639), else License in SPDX's terms, else a classifier."""
    message: Message = said
    classifiers = [each for each in message.get_all("Classifier", []) if each.startswith("License ::")]
    if written := canonical(message["License-Expression"]) or canonical(message["License"]):
        return written
    return CLASSIFIERS.get(classifiers[0], "") if len(classifiers) == 1 else ""


def names(expression: str) -> set[str]:
    """The licences that an expression names."""
    return set(re.findall(r"[\w.+-]+", expression)) - {"AND", "OR", "WITH"}


def not_allowed(parts: Iterable["Part"], rules: dict[str, Any]) -> list[str]:
    """Sentences about each part whose licence is unclear or not on the list; tools have a longer list.

    Every licence that an expression names must be on it: where we may choose, `docs/licences.toml` says what we chose.
    """
    said = []
    for part in parts:
        allowed = {*rules["allowed"]["runs"], *([] if part.runs else rules["allowed"]["tools"])}
        if not part.licence:
            said.append(f"{part.name} {part.version}: its licence is not clear; write it in docs/licences.toml")
        elif beyond := names(part.licence) - allowed:
            said.append(f"{part.name} {part.version}: {', '.join(sorted(beyond))} is not allowed")
        said += not_allowed([each for each in part.inside if each.licence], rules)
    return said


def page(parts: Iterable["Part"]) -> str:
    """`docs/licences.md`."""
    ordered = sorted(parts, key=lambda each: each.purl)
    lines = ["# Licences of what others wrote", ""]
    lines += [
        "Made by `manage.py licences` from the locks and [licences.toml](licences.toml), which says what is allowed."
    ]
    for title, runs in (("In the portal", True), ("Tools of those who develop it", False)):
        lines += ["", f"## {title}", "", "| part | version | licence |", "| --- | --- | --- |"]
        for part in (each for each in ordered if each.runs == runs):
            lines.append(row(part.name, part))
            lines += [row(f"{each.name}, in {part.name}", each) for each in part.inside if each.licence]
    return "\n".join(lines) + "\n"


def row(name: str, part: "Part") -> str:
    return f"| {name} | {part.version} | {part.licence} |"
