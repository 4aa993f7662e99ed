"""What an e-service's sign-in costs the database."""

import pytest
from django.test import Client as Browser

from tests.asked import about, statements
from tests.services.oidc.relying import Party

pytestmark = pytest.mark.django_db


def test_a_code_is_few_statements_and_looks_its_client_up_once(party: Party, person: Browser) -> None:
    party.code(person)
    with statements() as said:
        party.code(person)
    assert len(said) <= 9, "\n".join(said)
    assert len(about(said, 'FROM "oidc_client"')) == 1


def test_a_token_is_six_statements(party: Party, person: Browser) -> None:
    """The client, the code with its person, whether they may, two tokens, and that the code is used."""
    code = party.code(person, scope="openid")
    with statements() as said:
        assert party.redeem(code).status_code == 200
    assert len(said) <= 6, "\n".join(said)


def test_userinfo_is_two_statements(party: Party, person: Browser) -> None:
    """The token with its person and client, and whether they may."""
    token = party.tokens(person, scope="openid")["access_token"]
    with statements() as said:
        assert party.userinfo(token).status_code == 200
    assert len(said) <= 2, "\n".join(said)
