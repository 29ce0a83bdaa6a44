"""The form by which staff register somebody: kind and channel decide what is asked."""

from typing import Any
from uuid import UUID

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanWidget

from customers.registry.choices import Channel, CustomerType, EntityType
from customers.registry.forms import CustomerForm
from customers.registry.registration import CURRENT_TERMS, Registration
from tenants.models import Tenant
from tenants.packs.loader import load_packs

CHOOSE = {"invalid_choice": "Choose one of the list.", "required": "Choose one."}
ONLINE = (Channel.WEB, Channel.MOBILE)


class RegisterForm(CustomerForm):
    """A new customer: type, legal form and channel decide what else is asked."""

    id = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={"invalid": "This form is broken; open it anew."},
    )
    customer_type = forms.ChoiceField(
        label="Type", widget=UnfoldAdminSelectWidget(), error_messages=CHOOSE
    )
    entity_type = forms.ChoiceField(
        label="Legal form", widget=UnfoldAdminSelectWidget(), error_messages=CHOOSE
    )
    channel = forms.ChoiceField(
        choices=Channel.choices,
        widget=UnfoldAdminSelectWidget(),
        error_messages=CHOOSE,
        help_text="How the customer came to us.",
    )
    terms_version = forms.BooleanField(
        label=f"The customer accepted the terms, version {CURRENT_TERMS}",
        required=False,
        widget=UnfoldBooleanWidget(),
    )

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = load_packs()[tenant.pack].entity_types
        self.offer_categories(tenant)
        customer_type = self._offer_types()
        self.ask(self.offered[self._offer_forms(customer_type)])

    def _said(self, name: str) -> str:
        """What was chosen before the form is checked, typed or preset."""
        said = self.data.get(name) if self.is_bound else self.initial.get(name)
        return str(said or "")

    def _offer_types(self) -> str:
        served = {t for form in self.offered.values() for t in form.customer_types}
        choices = [c for c in CustomerType.choices if c[0] in served]
        self._choice("customer_type").choices = choices
        said = self._said("customer_type")
        return said if said in served else choices[0][0]

    def _offer_forms(self, customer_type: str) -> str:
        fitting = [
            (key, form.label)
            for key, form in self.offered.items()
            if customer_type in form.customer_types
        ]
        self._choice("entity_type").choices = fitting
        said = self._said("entity_type")
        return said if said in dict(fitting) else fitting[0][0]

    def _choice(self, name: str) -> Any:
        return self.fields[name]

    @property
    def is_online(self) -> bool:
        return self._said("channel") in ONLINE

    @property
    def needs(self) -> str:
        """One sentence on what the chosen channel demands (§2)."""
        if self.is_online:
            return "Web and mobile customers need an e-mail and the accepted terms."
        if self.pack_form.key == EntityType.INDIVIDUAL:
            return "Agent and USSD customers need a phone and an ID number."
        return "Agent and USSD customers need a phone."

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("channel") in Channel.values:
            self._check_channel()
        return self.cleaned_data

    def _check_channel(self) -> None:
        """Say all gaps at once; clean_registration refuses them one by one."""
        if self.is_online:
            self._demand("email", "Web and mobile customers need an e-mail.")
            self._demand("terms_version", "The customer must accept the terms first.")
            return
        self._demand("phone", "Agent and USSD customers need a phone.")
        if self.pack_form.key == EntityType.INDIVIDUAL:
            self._demand("id_number", "Agent and USSD customers need an ID number.")

    def _demand(self, name: str, sentence: str) -> None:
        is_asked = name in self.fields and name not in self.errors
        if is_asked and not self.cleaned_data.get(name):
            self.add_error(name, sentence)

    def registration(self) -> Registration:
        """The request that register_customer takes."""
        said = self.cleaned_data
        key: UUID = said["id"]
        return Registration(
            id=key,
            terms_version=CURRENT_TERMS if said["terms_version"] else "",
            details=self.answers(),
            **{
                name: said[name]
                for name in (
                    "customer_type", "entity_type", "name", "channel", "email",
                    "phone", "telegram_id", "category",
                )
            },
        )  # fmt: skip
