"""E-mail: queued with what it is about, handed over by the real client to a server that answers as mail servers do."""

import json
import socketserver
import threading
import time
import traceback
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from entity_portal.messaging.backends import NotNow
from entity_portal.messaging.operations import queue_email
from entity_portal.messaging.tasks import send_email

TO, SUBJECT, BODY = "ho.chihin@example.mo", "登入通知 · Aviso de início de sessão", "第一行\nSegunda linha\n"


def queue(**changes: str) -> None:
    with transaction.atomic():
        queue_email(**{"to": TO, "subject": SUBJECT, "body": BODY, **changes})


def jobs() -> list[dict[str, str]]:
    """What each job of an e-mail is told."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT args::text FROM procrastinate_jobs WHERE task_name = 'messaging.send_email'")
        return [json.loads(told) for (told,) in cursor.fetchall()]


def work() -> None:
    for told in jobs():
        send_email(**told)


class MailServer(socketserver.ThreadingTCPServer):
    """Answers 250 to whatever is not in `answers`; keeps what it took."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.answers: dict[str, str] = {}
        self.delay = 0.0
        self.taken: list[EmailMessage] = []


class Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def say(self, usual: str, verb: str) -> str:
        answer = self.server.answers.get(verb, usual)
        self.wfile.write(f"{answer}\r\n".encode())
        return answer

    def handle(self) -> None:
        time.sleep(self.server.delay)
        if not self.say("220 mail.example.mo", "HELLO").startswith("220"):
            return
        while line := self.rfile.readline():
            verb = line.decode().split(maxsplit=1)[0].upper()
            usual = {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 ok")
            if self.say(usual, verb).startswith("354"):
                data = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.taken.append(message_from_bytes(data, policy=policy.default))  # type: ignore[arg-type]
                self.say("250 ok", "END")
            if verb == "QUIT":
                return


@pytest.fixture
def server(db: None, settings: Any) -> Iterator[MailServer]:
    with MailServer() as made:
        threading.Thread(target=made.serve_forever, args=(0.05,), daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = made.server_address
        settings.EMAIL_TIMEOUT = 3.0
        yield made
        made.shutdown()


# --- queueing ---


@pytest.mark.django_db(transaction=True)
def test_an_e_mail_and_what_it_is_about_are_there_together_or_not_at_all() -> None:
    with pytest.raises(RuntimeError):
        queue_email(to=TO, subject=SUBJECT, body=BODY)
    with transaction.atomic():
        queue_email(to=TO, subject=SUBJECT, body=BODY)
        assert len(jobs()) == 1
        transaction.set_rollback(True)
    assert jobs() == []
    queue()
    assert len(jobs()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Notice\nBcc: everybody@example.mo"},
        {"subject": "Notice\r\n\r\nanother body"},
        {"subject": "Notice\r"},
        {"to": "ho@example.mo\nBcc: everybody@example.mo"},
        {"to": "ho@example.mo, everybody@example.mo"},
        {"to": "Ho <ho@example.mo>"},
        {"to": ""},
    ],
)
def test_no_header_comes_in_by_the_subject_or_the_address(db: None, changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="e-mail"):
        queue(**changes)
    assert jobs() == []


# --- sending ---


def test_the_worker_sends_it_from_the_address_of_the_settings(db: None, mailoutbox: list[Any], settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "portal@example.mo"
    queue()
    assert mailoutbox == [], "a request does not wait for a mail server"
    work()
    (sent,) = mailoutbox
    assert (sent.from_email, sent.to, sent.subject, sent.body) == ("portal@example.mo", [TO], SUBJECT, BODY)


def test_a_mail_server_takes_it_as_it_was_written(server: MailServer) -> None:
    queue()
    work()
    (taken,) = server.taken
    assert (taken["To"], taken["Subject"].strip()) == (TO, SUBJECT)
    assert taken.get_content().replace("\r\n", "\n") == BODY


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        ("RCPT", "550 5.1.1 <ho.chihin@example.mo> no such user"),
        ("MAIL", "550 5.7.1 sender refused for ho.chihin@example.mo"),
        ("END", "554 5.7.1 ho.chihin@example.mo does not want this"),
    ],
)
def test_what_a_mail_server_refuses_for_good_is_over_and_logged_without_the_address(
    server: MailServer, caplog: pytest.LogCaptureFixture, verb: str, answer: str
) -> None:
    server.answers[verb] = answer
    queue()
    work()
    (line,) = [line for line in caplog.records if line.name == "entity_portal.messaging.operations"]
    assert line.levelname == "ERROR"
    assert answer[:3] in line.getMessage()
    assert "ho.chihin" not in caplog.text


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        ("HELLO", "421 too busy"),
        ("HELLO", "554 we do not know you"),
        ("RCPT", "450 greylisted <ho.chihin@example.mo>, come back"),
        ("MAIL", "451 later"),
        ("END", "452 no room"),
    ],
)
def test_what_may_pass_is_tried_again_and_then_sent(server: MailServer, verb: str, answer: str) -> None:
    server.answers[verb] = answer
    queue()
    with pytest.raises(NotNow) as trouble:
        work()
    assert "ho.chihin" not in "".join(traceback.format_exception(trouble.value)), "as the worker would log it"
    del server.answers[verb]
    server.taken.clear()
    work()
    assert len(server.taken) == 1


def test_a_mail_server_that_is_silent_or_gone_holds_nobody_up(server: MailServer, settings: Any) -> None:
    queue()
    server.delay = 5.0  # longer than EMAIL_TIMEOUT: whoever waits for it can send
    with pytest.raises(NotNow):
        work()
    settings.EMAIL_PORT = 1
    with pytest.raises(NotNow):
        work()


def test_an_e_mail_is_given_up_after_four_hours(
    server: MailServer, time_machine: Any, caplog: pytest.LogCaptureFixture
) -> None:
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    queue()
    time_machine.move_to(start + timedelta(hours=4) - timedelta(seconds=1), tick=False)
    work()
    assert len(server.taken) == 1
    time_machine.move_to(start + timedelta(hours=4), tick=False)
    work()
    assert len(server.taken) == 1
    assert "given up" in caplog.text
    assert "ho.chihin" not in caplog.text


def test_any_trouble_of_its_job_is_another_try_after_a_longer_pause(time_machine: Any) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    strategy = send_email.retry_strategy
    assert strategy
    pauses = []
    for attempts in range(22):
        job = type("Tried", (), {"attempts": attempts})()
        decision = strategy.get_retry_decision(exception=OperationalError(), job=job)
        assert decision
        assert decision.retry_at
        pauses.append((decision.retry_at - timezone.now()).total_seconds())
    assert pauses[:3] == [30, 90, 150]
    assert 4 * 60 * 60 < sum(pauses) < 4.5 * 60 * 60, "the last one finds that it is given up"
