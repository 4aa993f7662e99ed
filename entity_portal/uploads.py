"""Files in a request: kept in memory as long as they are small, and only counted when they are not.

Nothing is written to the machine's temporary folder, and a request of any size takes no more memory than `AT_MOST`: the
rest of it is read and dropped, so that the form can answer beside its field and nothing else that was typed is lost.
"""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

AT_MOST = 20 * 1024 * 1024  # bytes of all files of one request together: as much as any page takes
FAR_TOO_MUCH = 200 * 1024 * 1024  # bytes of a request that is not even read to its end


class CountedUploadHandler(FileUploadHandler):
    """Keep what is small; of a file that is too large only its size is known, and it is empty."""

    chunk_size = 64 * 2**10

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.kept = 0
        self.far_too_much = False

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  Django's name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        self.far_too_much = content_length > FAR_TOO_MUCH

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.far_too_much:
            raise StopUpload(connection_reset=True)
        self.file = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.kept += len(raw_data)
        if self.kept > AT_MOST:
            self.file = BytesIO()
        else:
            self.file.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.file.seek(0)
        return InMemoryUploadedFile(
            self.file,
            self.field_name,
            self.file_name,
            self.content_type or "",
            file_size,
            self.charset,
            self.content_type_extra,
        )
