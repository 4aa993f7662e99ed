"""What officers fill in about the catalogue; the operations and the database have the same rules."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Kind
from entity_portal.forms import EntityNumberField, PlainField, Wanted
from entity_portal.roles import Role
from services.catalogue import files
from services.models import Catalogued, Department, EService, OpeningStatus, ServiceGroup
from staff.models import StaffLogin, Status
from staff.queries import by_name

SELECT = {"required": _("Please select this."), "invalid_choice": _("Please select this.")}


class Words(PlainField):
    """A name or a sentence, every character kept as typed."""

    def __init__(self, *, max_length: int, rows: int = 0, **kwargs: Any) -> None:
        attrs: dict[str, Any] = {"class": "vTextField"}
        widget = forms.Textarea({"class": "vLargeTextField", "rows": rows}) if rows else forms.TextInput(attrs)
        super().__init__(max_length=max_length, widget=widget, **kwargs)

    def tidy(self, value: str) -> str:
        return " ".join(value.split())


class Code(Wanted, forms.SlugField):
    """What addresses and programs call it; it stays."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "vTextField", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(
            label=_("Code"),
            help_text=_("Letters without accents, digits, hyphen and underscore. It cannot be changed later."),
            error_messages={"invalid": _("Use letters without accents, digits, hyphen and underscore.")},
            widget=forms.TextInput(attrs),
            **kwargs,
        )


class NamesForm(forms.Form):
    """Names in the three languages, all of them demanded (Q47)."""

    name_zh = Words(label=_("Name in Chinese"), max_length=100)
    name_pt = Words(label=_("Name in Portuguese"), max_length=150)
    name_en = Words(label=_("Name in English"), max_length=150)

    @classmethod
    def of(cls, row: Catalogued, data: Any) -> "NamesForm":
        """The form with what is known of a row."""
        return cls(data, initial={name: getattr(row, name) for name in cls.base_fields})


class NewDepartmentForm(NamesForm):
    code = Code(max_length=30)
    field_order = ("code",)


class DescribedForm(NamesForm):
    description_zh = Words(label=_("Description in Chinese"), max_length=300, rows=2, required=False)
    description_pt = Words(label=_("Description in Portuguese"), max_length=300, rows=2, required=False)
    description_en = Words(label=_("Description in English"), max_length=300, rows=2, required=False)


class ServiceForm(DescribedForm):
    url = forms.URLField(
        label=_("Address"),
        max_length=200,
        required=False,
        assume_scheme="https",
        help_text=_("Where people use it: https. Leave it empty where the department tells them otherwise."),
        error_messages={"invalid": _("Enter a whole address, for example https://www.example.mo/.")},
        widget=forms.TextInput({"class": "vTextField", "inputmode": "url", "spellcheck": "false"}),
    )
    platform_managed = forms.BooleanField(
        label=_("Entities assign people here"),
        required=False,
        initial=True,
        help_text=_("Without it the department keeps its own list, and every active staff login may log in there."),
    )


class Chosen(forms.ModelChoiceField):
    """One row of many, with words where nothing is chosen yet."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"empty_label": _("Please select"), "error_messages": SELECT, **kwargs})


class NamedField(Chosen):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.path})"


class NewServiceForm(ServiceForm):
    department = NamedField(queryset=Department.objects.none(), label=_("Department"))
    code = Code(max_length=40)
    field_order = ("department", "code")

    def __init__(self, data: Any, *, departments: QuerySet[Department]) -> None:
        super().__init__(data)
        cast("NamedField", self.fields["department"]).queryset = departments.order_by("code")


class NewGroupForm(DescribedForm):
    service = NamedField(queryset=EService.objects.none(), label=_("E-service"))
    code = Code(max_length=40)
    field_order = ("service", "code")

    def __init__(self, data: Any, *, services: QuerySet[EService], chosen: str) -> None:
        super().__init__(data, initial={"service": chosen})
        cast("NamedField", self.fields["service"]).queryset = services.order_by("code")


class MergeForm(forms.Form):
    into = NamedField(
        queryset=ServiceGroup.objects.none(),
        to_field_name="code",
        label=_("Into which group"),
    )

    def __init__(self, data: Any, *, group: ServiceGroup) -> None:
        super().__init__(data)
        others = group.service.groups.filter(withdrawn_at=None, merged_into=None).exclude(pk=group.pk)
        cast("NamedField", self.fields["into"]).queryset = others.select_related("service").order_by("code")


class OfficerField(Chosen):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.username})"


class GrantForm(forms.Form):
    login = OfficerField(queryset=StaffLogin.objects.none(), to_field_name="euid", label=_("Catalogue manager"))

    def __init__(self, data: Any, *, department: Department, by: StaffLogin) -> None:
        super().__init__(data)
        officers = StaffLogin.objects.filter(officer_roles__role=Role.CATALOGUE, status=Status.ACTIVE)
        officers = officers.exclude(pk=by.pk)  # nobody gives themselves a department
        officers = officers.exclude(catalogues_managed__department=department).order_by(*by_name())
        cast("OfficerField", self.fields["login"]).queryset = officers


# --- openings ---


class OpenOneForm(forms.Form):
    entity_number = EntityNumberField()


class OpenKindForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Kind of entity"), choices=[("", _("Please select")), *Kind.choices], error_messages=SELECT
    )


class OpenFileForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"),
        allow_empty_file=True,  # which has no entity number
        help_text=_("UTF-8, the entity number in the first column; at most 10,000 lines and 500 kB."),
        error_messages={"required": _("Please choose a file."), "invalid": _("Please choose a file.")},
    )

    def clean_file(self) -> files.Listed:
        return files.read(self.cleaned_data["file"])


class ChangeOpeningForm(forms.Form):
    """Another state for an opening; a reason is demanded where it takes something away."""

    status = forms.ChoiceField(label=_("Status"), choices=OpeningStatus.choices, error_messages=SELECT)
    reason = Words(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("The entity's administrators can read it in their history."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("status") not in {None, OpeningStatus.OPEN} and data.get("reason") == "":
            self.add_error("reason", ValidationError(_("Please enter this."), code="required"))
        return data
