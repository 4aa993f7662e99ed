"""What an officer fills in about a client; the rules stand in `Client.clean`, which the operations ask too."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from oauth2_provider.generators import generate_client_id

from entity_portal.forms import PlainField, Wanted
from services.catalogue.forms import SELECT, Chosen
from services.models import Department, EService
from services.oidc import rules
from services.oidc.models import API_SCOPES, USER_SCOPES, Client
from services.oidc.operations import SETTINGS

LINES = {"rows": 4, "class": "vLargeTextField", "spellcheck": "false", "autocapitalize": "none"}
MOST_ADDRESSES = rules.MOST * (rules.LONGEST + 2)
MOST_KEYS = 40_000


class ServiceField(Chosen):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.code})"


class Pasted(Wanted, forms.CharField):
    """Some lines. Where they are not always needed, `Client.clean` knows when they must be there."""

    def __init__(self, *, required: bool = False, **kwargs: Any) -> None:
        super().__init__(required=required, widget=forms.Textarea(LINES), **kwargs)


class Addresses(Pasted):
    """One a line."""

    def clean(self, value: Any) -> str:
        return "\n".join(super().clean(value).split())


class ClientForm(forms.ModelForm):
    name = PlainField(
        label=_("Name"),
        max_length=100,
        help_text=_("What officers and its owner call this program."),
        widget=forms.TextInput({"class": "vTextField"}),
    )
    public_keys = Pasted(
        label=_("Public keys"),
        max_length=MOST_KEYS,
        help_text=_("For private_key_jwt: a JWK or a JWK set, RSA of at least 2048 bits or EC P-256; no private key."),
    )
    redirect_uris = Addresses(
        label=_("After logging in, back to"),
        required=True,
        max_length=MOST_ADDRESSES,
        help_text=_("redirect_uri: whole addresses, one a line. They must match sign by sign."),
    )
    post_logout_redirect_uris = Addresses(
        label=_("After logging out, back to"),
        max_length=MOST_ADDRESSES,
        help_text=_("post_logout_redirect_uri: whole addresses, one a line."),
    )
    backchannel_logout_uri = forms.CharField(
        max_length=200,
        label=_("Told of logouts at"),
        required=False,
        help_text=_("backchannel_logout_uri: one address, which must answer within five seconds."),
        widget=forms.TextInput({"class": "vTextField", "inputmode": "url", "spellcheck": "false"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=[(scope, scope) for scope in (*USER_SCOPES, *API_SCOPES)],
        initial=list(USER_SCOPES),
        required=False,  # `Client.clean` asks for openid
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What it may ask for. authorizations and changes are for the API; the others are about a person."),
    )
    asks = forms.BooleanField(
        label=_("Ask the person before anything is told"),
        required=False,
        help_text=_("Once for each person. For programs that a department does not run itself."),
    )

    class Meta:
        model = Client
        fields = (
            *("name", "redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri"),
            *("authentication", "public_keys", "pkce_required", "par_required"),
            *("scopes", "subject_type", "algorithm"),
        )
        labels = {  # noqa: RUF012  Django's own form of it
            "authentication": _("Proves itself by"),
            "subject_type": _("Kind of sub"),
            "algorithm": _("ID tokens are signed with"),
            "pkce_required": _("PKCE is required"),
            "par_required": _("Requests must be pushed (PAR)"),
        }
        help_texts = {  # noqa: RUF012
            "subject_type": _("By what the e-service knows a person. Fixed once somebody has logged in."),
            "pkce_required": _("Only a program that proves itself can do without."),
        }

    def __init__(self, data: Any = None, *, instance: Client | None = None) -> None:
        super().__init__(data, instance=instance)
        if instance:
            keys = rules.write_keys(instance.public_keys)
            told = {"scopes": instance.scopes.split(), "public_keys": keys, "asks": not instance.skip_authorization}
            self.initial.update(told)
            self.fields["subject_type"].disabled = instance.first_sign_in_at is not None
        for name in ("authentication", "subject_type", "algorithm"):
            self.fields[name].error_messages["required"] = SELECT["required"]

    def add_error(self, field: str | None, error: Any) -> None:
        """One complaint a field: what could not be read, `Client.clean` need not miss."""
        if isinstance(error, ValidationError) and hasattr(error, "error_dict"):
            told = error.error_dict.items()
            error = ValidationError({name: wrong for name, wrong in told if name not in self.errors})
        super().add_error(field, error)

    def clean_public_keys(self) -> list[dict[str, str]]:
        return rules.read_keys(self.cleaned_data["public_keys"])

    def clean_scopes(self) -> str:
        return " ".join(self.cleaned_data["scopes"])

    @property
    def settings(self) -> dict[str, Any]:
        """What the operations are told."""
        told = {name: self.cleaned_data[name] for name in SETTINGS if name in self.cleaned_data}
        return told | {"skip_authorization": not self.cleaned_data["asks"]}

    def look_only(self) -> None:
        """For who may read and not change."""
        for field in self.fields.values():
            field.disabled = True


class NewClientForm(ClientForm):
    """Carries the name under which it registers, so that a form sent twice registers once."""

    client_id = forms.RegexField(r"\A[A-Za-z0-9]{40}\Z", widget=forms.HiddenInput, initial=generate_client_id)
    service = ServiceField(
        queryset=EService.objects.none(),
        label=_("E-service"),
        help_text=_("It cannot be changed later."),
        error_messages={"required": SELECT["required"]},
    )
    field_order = ("client_id", "service", "name")

    def __init__(self, data: Any = None, *, departments: QuerySet[Department]) -> None:
        super().__init__(data)
        offered = EService.objects.filter(withdrawn_at=None, department__in=departments)
        cast("ServiceField", self.fields["service"]).queryset = offered.order_by("code")
