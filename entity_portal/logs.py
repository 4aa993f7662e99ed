"""What the log must not carry."""

import logging
import re


class WithoutRefusals(logging.Filter):
    """Drops Django's line for each 503 that is no exception: it is meant, and comes by the thousand."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != 503 or bool(record.exc_info)


class WithoutArguments(logging.Filter):
    """Cuts what a job was told (an address, a birth date) out of lines of procrastinate: `staff.remind[7](…)`."""

    TOLD = re.compile(r"(\w[\w.]*\[\d+\])\(.*\)", re.S)

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("procrastinate"):
            record.msg, record.args = self.TOLD.sub(r"\1(…)", record.getMessage()), ()
        return True
