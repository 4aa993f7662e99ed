"""What the log must not carry."""

import logging
import re


class WithoutArguments(logging.Filter):
    """Cuts what a job was told (an address, a birth date) out of lines of procrastinate: `staff.remind[7](…)`."""

    TOLD = re.compile(r"(\w[\w.]*\[\d+\])\(.*\)", re.S)

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("procrastinate"):
            record.msg, record.args = self.TOLD.sub(r"\1(…)", record.getMessage()), ()
        return True
