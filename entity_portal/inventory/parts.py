"""The parts: Python packages of the lock, npm packages of `package-lock.json`, and what lies inside packages.

What a machine has besides (Python, PostgreSQL, nginx, its libraries) is its operator's inventory.
"""

import base64
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from entity_portal.inventory import licences
from entity_portal.postgres import ROOT

LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
NPM_LOCKS = ("docs/e-services/package-lock.json", "tests/screens/package-lock.json")
RULES = ROOT / "docs" / "licences.toml"


class Mismatch(Exception):
    """What is installed, locked and written down does not fit together."""


@dataclass(frozen=True)
class Part:
    """One part. `runs`: the portal uses it in production; else it is a tool of those who develop it."""

    name: str
    version: str
    purl: str
    licence: str  # SPDX
    runs: bool
    direct: bool = False  # asked for by name
    hashes: tuple[str, ...] = ()  # "sha256:…": of the files, one of which is installed
    marker: str = ""  # where alone it is installed
    needs: tuple[str, ...] = ()  # names of other Python packages
    inside: tuple["Part", ...] = ()  # what its file brings along


@dataclass(frozen=True)
class Locked:
    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def locked(text: str) -> list[Locked]:
    """The lines of a lock made by uv or pip-tools.

    Raises:
        Mismatch: a line has no exact version or no hash.
    """
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        said, *hashes = line.split("--hash=")
        if not said.strip() or said.lstrip().startswith("#"):
            continue
        wanted = Requirement(said.strip())
        versions = list(wanted.specifier)
        if len(versions) != 1 or versions[0].operator != "==" or not hashes:
            raise Mismatch(f"{wanted.name} is not locked to one version with hashes")
        marker = str(wanted.marker or "")
        found.append(Locked(wanted.name, versions[0].version, marker, tuple(each.strip() for each in hashes)))
    return found


@cache
def rules() -> dict[str, Any]:
    return tomllib.loads(RULES.read_text())


def parts() -> list[Part]:
    """All of them, as they are installed here.

    Raises:
        Mismatch: another version is installed than the lock says, or none; a licence is not clear.
    """
    return [*python_parts(), *npm_parts()]


def python_parts() -> Iterator[Part]:
    project = tomllib.loads(PROJECT.read_text())
    wanted = [Requirement(each) for each in project["project"]["dependencies"]]
    tools = [Requirement(each) for each in project["dependency-groups"]["dev"]]
    lines = {canonicalize_name(each.name): each for each in locked(LOCK.read_text())}
    asked_for = {canonicalize_name(each.name) for each in (*wanted, *tools)}
    running, needs = reached(wanted, lines.keys()), reached([*wanted, *tools], lines.keys())
    for name, line in lines.items():
        purl = f"pkg:pypi/{name}@{line.version}"
        if name not in needs:  # for another kind of machine
            yield Part(name, line.version, purl, stated(name), False, False, line.hashes, line.marker)
            continue
        installed = distribution(name)
        if installed.version != line.version:
            raise Mismatch(f"{name}: {line.version} is locked, {installed.version} is installed")
        licence = stated(name) or licences.declared(installed.metadata)
        inside = tuple(bundled(name, installed, name in running))
        required = tuple(sorted(needs[name]))
        runs, direct = name in running, name in asked_for
        yield Part(name, line.version, purl, licence, runs, direct, line.hashes, line.marker, required, inside)


def distribution(name: str) -> metadata.Distribution:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError as fault:
        raise Mismatch(f"{name} is asked for and not installed") from fault


def stated(name: str) -> str:
    """The licence that a person read and wrote down, where the package itself does not say it in SPDX's terms."""
    return str(rules()["stated"].get(name, {}).get("licence", ""))


def reached(wanted: Iterable[Requirement], known: Iterable[str]) -> dict[str, set[str]]:
    """Which packages these need, and those in turn: name → names. What is for other machines is left out."""
    known, found = set(known), dict[str, set[str]]()
    waiting = [(canonicalize_name(each.name), frozenset(each.extras)) for each in wanted]
    done = set(waiting)
    while waiting:
        name, extras = waiting.pop()
        found.setdefault(name, set())
        for said in distribution(name).requires or ():
            need = Requirement(said)
            target = canonicalize_name(need.name)
            applies = need.marker is None or any(need.marker.evaluate({"extra": each}) for each in extras | {""})
            if not applies or target not in known:
                continue
            found[name].add(target)
            if (next_one := (target, frozenset(need.extras))) not in done:
                done.add(next_one)
                waiting.append(next_one)
    return found


def bundled(name: str, installed: metadata.Distribution, runs: bool) -> Iterator[Part]:
    """What a wheel brings along: as `docs/licences.toml` says, and as its own SBOM says (PEP 770) where it runs.

    The licences of the latter are in the package's own keeping.
    """
    for each in rules()["bundled"]:
        if each["in"] == name:
            yield written_down(each, installed, runs)
    for path in installed.files or ():
        if runs and "sboms" in path.parts and path.suffix == ".json":
            for said in json.loads(path.read_text()).get("components", ()):
                if said.get("version") and said.get("scope") != "excluded" and canonicalize_name(said["name"]) != name:
                    purl = said.get("purl", "").partition("?")[0]  # without where its maker had it from
                    yield Part(said["name"], said["version"], purl, "", runs)


def written_down(said: dict[str, str], installed: metadata.Distribution, runs: bool) -> Part:
    """One that the package does not list itself; its version is read from the file, so it cannot grow old.

    Raises:
        Mismatch: the file is not there, or says no version.
    """
    files = [path for path in installed.files or () if Path(path).match(said["file"])]
    if len(files) != 1:
        raise Mismatch(f"{said['name']}: {len(files)} files of {said['in']} are {said['file']}")
    content = Path(str(files[0].locate())).read_bytes()
    text = str(files[0]) if said.get("version_in") == "name" else content.decode(errors="replace")
    version = re.search(said["version"], text)
    if version is None:
        raise Mismatch(f"{said['name']}: no version in {files[0]}")
    purl, digest = said["purl"].format(version=version[1]), f"sha256:{sha256(content).hexdigest()}"
    return Part(said["name"], version[1], purl, said["licence"], runs, hashes=(digest,))


def npm_parts() -> Iterator[Part]:
    """Tools, and the Node client that owners of e-services may copy: none runs in the portal."""
    found: dict[str, Part] = {}
    for lock in NPM_LOCKS:
        packages = json.loads((ROOT / lock).read_text())["packages"]
        for path, said in packages.items():
            if not path:
                continue
            name = path.rpartition("node_modules/")[2]
            algorithm, _dash, digest = said["integrity"].partition("-")
            purl = f"pkg:npm/{name.replace('@', '%40')}@{said['version']}"
            licence, direct = licences.canonical(said["license"]), name in packages[""]["dependencies"]
            hashes = (f"{algorithm}:{base64.b64decode(digest).hex()}",)
            found[purl] = Part(name, said["version"], purl, licence, False, direct, hashes)
    yield from found.values()
