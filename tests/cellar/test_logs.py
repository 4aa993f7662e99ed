"""What the log must not carry."""

import logging

from entity_portal.logs import WithoutArguments


def written(name: str, message: str) -> str:
    record = logging.LogRecord(name, logging.ERROR, "", 1, message, (), None)
    WithoutArguments().filter(record)
    return record.getMessage()


def test_a_failed_job_is_named_without_what_it_was_told_A132() -> None:
    told = "entity_number='80216453', username='a(b)c', birth_date='1990-01-01'"
    line = written(
        "procrastinate.worker", f"Job staff.send_reset_code[7]({told}) ended with status: Error, lasted 0.1 s"
    )
    assert line == "Job staff.send_reset_code[7](…) ended with status: Error, lasted 0.1 s"


def test_other_lines_stay_as_they_are() -> None:
    assert written("entity_portal", "f[1](x) 100%") == "f[1](x) 100%"
