"""From the button to the receipt: a real server, a real worker, Twilio's own description over real HTTP."""

import time
from typing import Any

import pytest

from activation.models import ActivationCode
from activation.operations import send_code
from entity_portal.messaging.models import SMS
from tests import cast, twilio_server
from tests.running import Portal, portal
from tests.twilio_server import ACCOUNT, SENDER, TOKEN, TwilioServer

__all__ = ["portal"]
PORT = 19290
TOLD = {
    "SMS_BACKEND": "twilio",
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "TWILIO_SENDER": SENDER,
    "TWILIO_API_URL": f"http://127.0.0.1:{PORT}",
}


@pytest.mark.parametrize("portal", [TOLD], indirect=True)
def test_a_text_goes_out_and_its_receipt_comes_in(portal: Portal) -> None:
    with twilio_server.running(PORT) as twilio:
        people = cast.company()
        send_code(login=people.pending, by=people.administrator)
        message = first(twilio)
        assert ActivationCode.objects.get().sms_id == SMS.objects.get().pk
        wait_for("sent")
        assert twilio.callbacks[message["sid"]].startswith(f"{portal.url}/messages/twilio/")
        assert twilio.report(message, "delivered", token="forged") == 403
        assert SMS.objects.get().status == "sent"
        assert twilio.report(message, "delivered") == 204
        wait_for("delivered")


def first(twilio: TwilioServer) -> dict[str, Any]:
    until = time.monotonic() + 20
    while not twilio.accepted:
        assert time.monotonic() < until
        time.sleep(0.05)
    return twilio.accepted[0]


def wait_for(status: str) -> None:
    until = time.monotonic() + 20
    while SMS.objects.get().status != status:
        assert time.monotonic() < until, SMS.objects.get().status
        time.sleep(0.05)
