"""A file of the register with 10,000 lines: read, checked, compared, brought in, recorded; and C, a COPY of them.

`python -m bench.imports POSTMASTER ROUNDS` prints `{"import": [...], "copy": [...], "rows"}`: CPU seconds by round,
those of PostgreSQL's processes included. Each ends in a rollback, so the database stays as it was.
"""

import csv
import io
import json
import os
import sys
import time
from collections.abc import Callable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.serving")
LINES = 10_000


def main() -> None:
    import django

    django.setup()
    from django.db import connection, transaction
    from django.utils import timezone

    from accounts import register
    from accounts.imports import COLUMNS, STORED, sealed
    from accounts.models import RegisterEntry
    from accounts.operations import import_register
    from bench import cpu

    postmaster, rounds = int(sys.argv[1]), int(sys.argv[2])
    content = file(register.COLUMNS)
    rows = [sealed(row) for row in register.read(content)]
    table = RegisterEntry._meta.db_table

    def bring_in() -> int:
        return import_register(lines=register.read(content)).new

    def copy() -> int:
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({COLUMNS}, imported_at) FROM STDIN") as stream:
            for row in rows:
                stream.write_row((*(row[name] for name in STORED), timezone.now()))
        return len(rows)

    def costs(act: Callable[[], int]) -> float:
        begun = time.process_time() + cpu.seconds(postmaster)
        with transaction.atomic():
            done = act()
            transaction.set_rollback(True)
        assert done == LINES, f"{done} rows of {LINES}"
        return time.process_time() + cpu.seconds(postmaster) - begun

    took: dict[str, list[float]] = {"import": [], "copy": []}
    for turn in range(rounds + 1):
        for name, act in (("import", bring_in), ("copy", copy)):
            seconds = costs(act)
            if turn:
                took[name].append(seconds)
    print(json.dumps(took | {"rows": LINES}))


def file(columns: list[str], *, first: int = 900_000) -> bytes:
    """CSV as the registry would hand it over, numbered from `first`; nobody of it is in the register yet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for number in range(LINES):
        line = {
            "registration_number": f"{first + number} SO",
            "kind": "company",
            "name_zh": f"濠江第{number}貿易有限公司",
            "name_pt": f"Companhia de Comércio Hou Kong {number}, Limitada",
            "representative_name_zh": "陳大文",
            "representative_name_foreign": "CHAN TAI MAN",
            "representative_document_type": "bir_permanent",
            "representative_document_number": str(11_000_000 + number),
            "representative_birth_date": "1975-03-04",
            "representative_mobile": f"+8536{2_000_000 + number}",
        }
        writer.writerow([line[name] for name in columns])
    return out.getvalue().encode()


if __name__ == "__main__":
    main()
