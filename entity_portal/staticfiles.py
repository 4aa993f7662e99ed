"""Static files as production serves them: the stylesheet joined into one file, compressed, named by content."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

MAIN = "css/main.css"
IMPORT = re.compile(r'@import url\("(?P<path>[^"]+)"\) layer\((?P<layer>\w+)\);')


class JoinedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """`css/main.css` names its parts by `@import`; here they are put in place, to spare round trips."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if MAIN in paths and not dry_run:
            storage, path = paths[MAIN]  # where the sources are
            main = Path(storage.path(path))
            joined = IMPORT.sub(
                lambda found: f"@layer {found['layer']} {{\n{(main.parent / found['path']).read_text()}}}",
                main.read_text(),
            )
            Path(self.path(MAIN)).write_text(joined)
            paths[MAIN] = (self, MAIN)  # what is named by its content and compressed
        yield from super().post_process(paths, dry_run, **options)
