"""Files of the register with 10,000 lines, brought in one after the other, by the worker, as two officers have it done.

`python -m bench.importing` prints "begun" when the worker is at the first, goes on until its input ends, waits for the
last, takes what came in out of the register again, and prints `{"done"}`: how many files. A worker must be running.
"""

import json
import os
import sys
import threading
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.serving")
PATIENCE = 300  # seconds for a file


def main() -> None:
    import django

    django.setup()
    from django.utils import timezone

    from accounts.models import ImportState, RegisterEntry, RegisterImport, RegisterLine
    from accounts.officers import register as officers
    from accounts.register import COLUMNS
    from bench import data, imports
    from staff.models import StaffLogin

    over = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        over.set()

    threading.Thread(target=listen, daemon=True).start()
    people = StaffLogin.objects.filter(entity__number=data.AUTHORITY.number)
    registrar, approver = (people.get(username=name) for name in data.OFFICERS[:2])
    begun, done, brought = timezone.now(), 0, []

    def wait(pk: int, *, while_in: ImportState) -> RegisterImport:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            held = RegisterImport.objects.defer("content").get(pk=pk)
            if held.state != while_in:
                return held
            time.sleep(0.05)
        raise SystemExit(f"import {pk} is still {while_in}")

    try:
        while not over.is_set():
            # Nobody of a file has been in an earlier one: it would be "unchanged", and cheaper.
            first = int(begun.timestamp()) * 100_000 + done * imports.LINES
            content = imports.file(COLUMNS, first=first)
            held = officers.upload(by=registrar, name=f"bench {first}", content=content, whole=False)
            brought.append(held.pk)
            if not done:
                print("begun", flush=True)
            held = wait(held.pk, while_in=ImportState.UPLOADED)
            officers.confirm(pk=held.pk, by=approver, preview=held.preview)
            held = wait(held.pk, while_in=ImportState.CONFIRMED)
            if (held.state, held.new) != (ImportState.DONE, imports.LINES):
                raise SystemExit(f"{held.state}, {held.new} new lines")
            done += 1
    finally:
        RegisterLine.objects.filter(register_import__in=brought).delete()
        RegisterEntry.objects.filter(imported_at__gte=begun).delete()
    print(json.dumps({"done": done}))


if __name__ == "__main__":
    main()
