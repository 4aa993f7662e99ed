"""`manage.py sbom`: what the portal is made of that others wrote, as CycloneDX 1.6 (ASVS 15.1.2)."""

import json
import tomllib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand
from django.utils import timezone

from entity_portal.inventory import parts, sbom


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="where to write it; printed without")

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        version = tomllib.loads(parts.PROJECT.read_text())["project"]["version"]
        made = sbom.document(parts.parts(), version=version, made=timezone.now(), serial=uuid4())
        text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
        if file:
            file.write_text(text)
        else:
            self.stdout.write(text, ending="")
