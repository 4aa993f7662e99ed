"""Signing keys: their life from new to deleted, what the command says of it, and a start without any."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as portal_settings
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from jwcrypto.jws import JWS

from services.oidc import keys
from tests import cast
from tests.running import real_portal
from tests.services.oidc.relying import ADDRESS, BYE, Party, answer
from tests.services.oidc.relying import client as registered

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.OIDC_KEYS_DIR = str(tmp_path / "keys")
    return tmp_path / "keys"


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("signing_keys", *arguments, stdout=out)
    return out.getvalue()


def kids(published: Any) -> set[str]:
    return {key["kid"] for key in published["keys"]}


def signer(token: str) -> str:
    made = JWS()
    made.deserialize(token)
    return made.jose_header["kid"]


@pytest.mark.django_db
def test_a_key_is_published_before_it_signs_and_verifies_while_its_file_lies_there(
    folder: Path, time_machine: Any
) -> None:
    """OIDC Core 10.1.1: nobody has to be restarted, and no e-service sees a key it could not have known."""
    time_machine.move_to(NOON, tick=False)
    house = cast.company()
    group = cast.group(open_to=house.entity)
    cast.member(group, house.staff)
    party = Party(*registered(group.service))
    said("new")
    first = keys.signing_key("RS256")
    before = party.tokens(cast.enter(house.staff))["id_token"]

    time_machine.move_to(NOON + timedelta(days=90), tick=False)
    said("new")
    new = {key.kid for key in keys.every() if key.algorithm == "RS256"} - {first.kid}
    assert {first.kid} | new < kids(party.web.get("/oidc/jwks").json()), "published at once"
    time_machine.shift(timedelta(hours=2) - timedelta(seconds=1))
    assert signer(party.tokens(cast.enter(house.staff))["id_token"]) == first.kid
    time_machine.shift(timedelta(seconds=1))
    browser = cast.enter(house.staff)
    after = party.tokens(browser)["id_token"]
    assert {signer(after)} == new

    hint = {"id_token_hint": before, "post_logout_redirect_uri": BYE}
    assert "code" in answer(party.ask(browser, id_token_hint=before)), "what the old key signed is still ours"
    (folder / first_file(folder)).unlink()
    assert first.kid not in kids(party.web.get("/oidc/jwks").json())
    assert browser.get("/oidc/logout", hint).status_code == 400
    assert "error" in answer(party.ask(browser, id_token_hint=before, prompt="none"), address=ADDRESS)


def first_file(folder: Path) -> str:
    return sorted(path.name for path in folder.glob("*.RS256.pem"))[0]


def test_the_list_says_what_each_key_does_now(folder: Path, time_machine: Any) -> None:
    time_machine.move_to(NOON, tick=False)
    told = said("new")
    assert "they sign in 2 hours" in told
    assert [line.split("  ")[-1] for line in said().splitlines()] == ["signs now"] * 2, "there is no other"
    time_machine.shift(timedelta(hours=1))
    said("new")
    soon = "published, signs from 2026-11-25 23:00"
    assert sorted(line.split("  ")[-1] for line in said().splitlines()) == [soon, soon, "signs now", "signs now"]
    time_machine.shift(timedelta(hours=2))
    lines = [line.split("  ") for line in said("list").splitlines()]
    assert lines[0][1:3] == ["ES256", "since 2026-11-25 20:00"]
    assert [line[-1] for line in lines] == ["published, may be deleted from 2026-11-26 07:00"] * 2 + ["signs now"] * 2
    time_machine.shift(timedelta(hours=8, seconds=1))
    assert [line.split("  ")[-1] for line in said().splitlines()] == ["may be deleted"] * 2 + ["signs now"] * 2


def test_only_the_portal_may_read_what_is_written(folder: Path) -> None:
    said("new")
    files = list(folder.glob("*"))
    assert len(files) == 2
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_without_a_folder_the_command_says_so(folder: Path, settings: Any) -> None:
    settings.DEVELOPMENT = False
    with pytest.raises(CommandError, match="OIDC_KEYS_DIR"):
        said()


def faults() -> list[str]:
    return [error.id for error in run_checks() if error.id and error.id.startswith("oidc.")]


def test_a_real_portal_does_not_start_without_keys_that_are_its_own(folder: Path, settings: Any) -> None:
    assert faults() == [], "in development they are made when they are asked for"
    settings.DEVELOPMENT = False
    assert faults() == ["oidc.E001"]
    folder.mkdir()
    assert faults() == ["oidc.E001"] * 2
    said("new")
    assert faults() == []
    one, other = sorted(folder.glob("*.pem"))
    for mode, wrong in ((0o640, []), (0o644, ["oidc.E002"]), (0o660, ["oidc.E002"]), (0o400, [])):
        one.chmod(mode)
        assert faults() == wrong, oct(mode)
    other.unlink()
    assert faults() == ["oidc.E001"]
    (folder / "x.pem").write_text("nothing")
    assert faults() == ["oidc.E001"]


@pytest.mark.parametrize("there", [False, True])
def test_no_web_server_starts_without_them(tmp_path: Path, there: bool) -> None:
    if there:
        keys.make(tmp_path / "keys")
    command = [sys.executable, "-c", "import entity_portal.wsgi"]
    done = subprocess.run(
        command, cwd=portal_settings.BASE_DIR, env=real_portal(tmp_path), capture_output=True, text=True
    )
    assert (done.returncode == 0) == there, done.stderr
    assert ("oidc.E001" in done.stderr) == (not there)
