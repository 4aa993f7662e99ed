"""The notice that operators put up while they work on the portal: a file, whose presence is the switch.

It needs neither a restart nor the database, which may be what is worked on. `manage.py maintenance` writes it.
"""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

FORMAT = "%Y-%m-%d %H:%M"  # in Macau's time


def announced() -> tuple[bool, datetime | None]:
    """(whether the notice is up, until when); no time where the file says none, or none that is still to come."""
    try:
        said = Path(settings.MAINTENANCE_FILE).read_text()
    except (FileNotFoundError, NotADirectoryError):
        return False, None
    except (OSError, UnicodeDecodeError):  # it is there, that is enough
        return True, None
    try:
        until = timezone.make_aware(datetime.strptime(said.strip(), FORMAT))
    except ValueError:
        return True, None
    return True, until if until > timezone.now() else None


def put_up(until: datetime | None = None) -> None:
    """Answer every page with the notice, on this machine, or on all that share the file."""
    path = Path(settings.MAINTENANCE_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(timezone.localtime(until).strftime(FORMAT) if until else "")


def take_down() -> None:
    """Answer as usual; nothing where no notice is up."""
    Path(settings.MAINTENANCE_FILE).unlink(missing_ok=True)
