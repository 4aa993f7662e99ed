"""The step of signing in that asks for the terms in a new version (Q6)."""

from activation import terms
from activation.models import TermsAcceptance
from staff.models import StaffLogin
from staff.steps import Entry


class NewTerms:
    """Whoever has accepted an older version only accepts the present one before going in."""

    name = "terms"
    address = "activation:accept_terms"

    def is_needed(self, entry: Entry, login: StaffLogin, password: str) -> bool:
        return not TermsAcceptance.objects.filter(login=login, terms__version=terms.CURRENT).exists()

    def prepare(self, entry: Entry, login: StaffLogin) -> None:
        """Nothing."""
