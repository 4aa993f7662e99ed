"""The walk reaches every page there is: a new address is red here until it has a state, or is no page."""

from django.urls import get_resolver

from tests.screens import applicants, door, house, officers
from tests.screens.states import STATES
from tests.test_access import names

WALKS = (door, applicants, house, officers)

# What does something and then leads to a page.
ACTS = """
language applications:apply_remove_administrator applications:apply_remove_document applications:apply_submit
applications:apply_send_code applications:apply_send_consent applications:track_again applications:apply_answer
applications:apply_leave staff:verify_send staff:reset_password_again staff:notifications_read staff:notification
staff:notification_toggle staff:begin_app staff:end_other_sessions staff:end_session staff:reveal activation:send_codes
activation:send_code applications:administrators_discard applications:send_consent applications:request_answer
applications:request_documents applications:request_document_remove applications:correction_discard staff:sign_out
oidc:decide oidc:leave_service oidc:sign_out sandbox:enter sandbox:refresh sandbox:leave
admin:applications_application_take admin:applications_application_discard
admin:applications_application_remove_document admin:applications_application_claim
admin:applications_application_release admin:applications_application_reveal admin:oidc_client_disable
admin:oidc_client_enable admin:staff_administratorlogin_reveal admin:staff_administratorlogin_send_code
admin:accounts_registerimport_confirm admin:accounts_registerimport_cancel admin:services_department_revoke
admin:services_errand_confirm
"""
# Files, pictures and sounds.
FILES = """
humancheck:picture humancheck:sound staff:export staff:history_export services:export_group
applications:requests_export applications:request_document admin:audit_event_export
admin:applications_application_draft_document admin:applications_application_document admin:services_opening_csv
"""
# What programs ask.
PROGRAMS = """
healthz readyz metrics humancheck:another messaging:twilio_status staff:session sandbox:backchannel oidc:discovery
oidc:metadata oidc:jwks oidc:par oidc:token oidc:userinfo oidc:introspect oidc:revoke api:authorizations
api:authorization api:changes api:schema
"""


def test_every_page_of_the_urlconf_has_a_state_that_is_looked_at() -> None:
    assert all(walk.__name__ for walk in WALKS)
    reached = {state.shows for states in STATES.values() for state in states}
    no_pages = {*ACTS.split(), *FILES.split(), *PROGRAMS.split()}
    assert reached & no_pages == set()
    assert no_pages - names() == set(), "these are gone"
    assert names() - reached - no_pages == set(), "nobody looks at these"


def test_the_server_that_is_looked_at_has_all_addresses_of_the_portal() -> None:
    assert get_resolver("tests.screens.wrong").url_patterns[: len(get_resolver().url_patterns)]
