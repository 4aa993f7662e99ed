"""The code flow, as an e-service and a person go through it."""

import pytest

from tests import cast
from tests.services.oidc.relying import Party, answer, client

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> cast.Cast:
    return cast.company()


@pytest.fixture
def party(house: cast.Cast) -> Party:
    group = cast.group(open_to=house.entity)
    cast.member(group, house.staff)
    return Party(*client(group.service))


def test_whoever_is_assigned_signs_in_and_the_e_service_knows_who(house: cast.Cast, party: Party) -> None:
    """S4, S13, Q33"""
    browser = cast.enter(house.staff)
    brought = answer(party.ask(browser))
    assert brought["state"] == "state-1"
    assert brought["iss"] == "http://testserver"
    tokens = party.redeem(brought["code"]).json()
    claims = party.claims(tokens["id_token"])
    assert claims["sub"] == claims["euid"] == house.staff.euid
    assert claims["nonce"] == "nonce-1"
    assert claims["acr"] == "password"
    assert [group["code"] for group in claims["service_groups"]] == ["operators"]
    told = party.userinfo(tokens["access_token"]).json()
    assert told["entity_number"] == house.entity.number
    assert told["name"] == "AO HOI IAN"
    assert told["name#zh-Hant"] == "歐凱欣"
    again = party.refresh(tokens["refresh_token"])
    assert again.status_code == 200, again.content
    assert party.claims(again.json()["id_token"])["sid"] == claims["sid"]
