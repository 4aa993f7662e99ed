"""Pictures of the real screens: what is known of each beside its file, so that none goes stale unseen.

`tests/browser/test_guide.py` takes them and looks at the screens again; `pictures.json` is what it found when it took
them. A picture called `staff-list.wide` is the same screen for readers who have the room.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOUND = Path(__file__).with_name("pictures.json")
WIDE = ".wide"


@dataclass(frozen=True)
class Picture:
    path: str  # under static/
    width: int
    height: int


@cache
def pictures() -> dict[str, Picture]:
    """Every picture by `<language>/<name>`; its size in pixels of CSS."""
    found = json.loads(FOUND.read_text()) if FOUND.exists() else {}
    return {key: Picture(f"guide/{key}.webp", each["width"], each["height"]) for key, each in found.items()}
