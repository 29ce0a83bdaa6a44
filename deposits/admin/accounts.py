"""The list of accounts, one account, and the teller's *Open account*."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from common import face
from common.admin import HouseAdmin
from common.dialogs import Dialog, go_to, show
from common.errors import DomainError
from common.keys import new_id
from common.lists.columns import Cells
from customers.registry.models import Customer
from customers.registry.search.listing import OF_CUSTOMER, AboutCustomers
from deposits.models import Account, AccountType
from deposits.panels import status_label
from deposits.services import open_account
from tenants.models import Tenant, User


class OpenAccountForm(BaseDialogForm):  # type: ignore[misc]
    """`account_id` is made with the form, so a second press opens no second account."""

    customer = forms.CharField(
        label="Customer number",
        max_length=16,
        help_text="As in 1000-0042.",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    account_type = forms.ChoiceField(
        label="Type", choices=AccountType.choices, widget=UnfoldAdminSelectWidget
    )
    account_id = forms.UUIDField(widget=forms.HiddenInput, initial=new_id)
    form_before_template = "deposits/_open_account.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].initial = self.request.GET.get("customer", "")

    def get_before_template_context(
        self, request: HttpRequest, object_id: Any = None
    ) -> dict[str, Any]:
        del object_id
        number = request.GET.get("customer", "")
        return {"customer": find_customer(request, number) if number else None}

    def clean_customer(self) -> Customer:
        number = self.cleaned_data["customer"]
        customer = find_customer(self.request, number)
        if customer is None:
            raise forms.ValidationError(f"There is no customer {number}.")
        return customer


def find_customer(request: HttpRequest, number: str) -> Customer | None:
    """Find one of the user's institution by number, with the hyphen or without."""
    digits = number.replace("-", "").replace(" ", "")
    mine = Customer.objects.for_user(request.user)
    spoken = f"{digits[:-4]}-{digits[-4:]}"
    customer: Customer | None = mine.filter(public_id=spoken).first()
    return customer


OPEN_ACCOUNT = Dialog(
    title="Open account",
    description="The account is open at once and follows the customer’s activity.",
    submit="Open account",
    form_class=OpenAccountForm,
)


class CurrencyFilter(admin.SimpleListFilter):
    """Offers the currencies the institution ever had, without reading all accounts."""

    title = "currency"
    parameter_name = "currency"

    def lookups(self, request: HttpRequest, _: Any) -> list[tuple[str, str]]:
        tenant_id = getattr(request.user, "tenant_id", None)
        versions = Tenant.history.filter(id=tenant_id)
        codes = versions.order_by().values_list("currency", flat=True).distinct()
        return [(code, code) for code in sorted(codes)]

    def queryset(self, _: HttpRequest, rows: QuerySet[Account]) -> QuerySet[Account]:
        return rows.filter(currency=self.value()) if self.value() else rows


@admin.register(Account)
class AccountAdmin(AboutCustomers, HouseAdmin):
    """Deposit accounts; pages show, the dialog opens."""

    history_permission = "registry.view_history"
    list_display = (
        "number", "of_customer", "state", "account_type", "currency", "opened",
    )  # fmt: skip
    export_permission = "exports.request_export"
    export_cells: ClassVar[Cells] = {
        "number": (("Number", "public_id"), ("Opened automatically", "is_default")),
        "of_customer": OF_CUSTOMER,
        "state": (("Status", "get_status_display"),),
        "account_type": (("Type", "get_account_type_display"),),
        "currency": (("Currency", "currency"),),
        "opened": (("Opened", "opened_at"),),
    }  # fmt: skip
    list_select_related = ("customer",)
    list_filter = ("status", CurrencyFilter, "account_type")
    search_help_text = "Account, or customer: name, number, e-mail or phone"
    sortable_by = ("number",)  # what an index serves
    ordering = ("-opened_at", "-id")
    fields = (
        "number_plain", "customer_link", "state", "account_type", "account_set",
        "currency", "opened_by", "opened_moment",
    )  # fmt: skip
    readonly_fields = (
        "number_plain", "customer_link", "state", "opened_by", "opened_moment",
    )  # fmt: skip
    actions_list = ("open_account",)
    empty_fact = "No accounts yet."
    empty_advice = "One is opened automatically when a customer is verified."

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Account], bool]:
        if not search_term:
            return queryset, False
        return queryset.found_by(search_term, by=request.user), False

    @admin.display(description="Number", ordering="public_id")
    def number(self, account: Account) -> SafeString:
        how = "opened automatically" if account.is_default else "opened by a teller"
        return face.two_lines(account.public_id, how)

    @admin.display(description="Status", ordering="status")
    def state(self, account: Account) -> SafeString:
        return face.label_html(status_label(account))

    @admin.display(description="Opened", ordering="opened_at")
    def opened(self, account: Account) -> str:
        return face.day(account.opened_at)

    @admin.display(description="Number")
    def number_plain(self, account: Account) -> str:
        return account.public_id

    @admin.display(description="Opened by")
    def opened_by(self, account: Account) -> str:
        return "Automatically" if account.is_default else "A teller"

    @admin.display(description="Opened")
    def opened_moment(self, account: Account) -> str:
        return face.moment(account.opened_at)

    def has_open_account_permission(
        self, request: HttpRequest, object_id: str | None = None
    ) -> bool:
        del object_id
        return request.user.has_perm("deposits.open_account")

    @action(  # type: ignore[untyped-decorator]
        description="Open account",
        permissions=["open_account"],
        variant=ActionVariant.PRIMARY,
        dialog={
            "title": OPEN_ACCOUNT.title,
            "description": OPEN_ACCOUNT.description,
            "form_class": OPEN_ACCOUNT.form_class,
            "form_submit_text": OPEN_ACCOUNT.submit,
        },
    )
    def open_account(self, request: HttpRequest, form: OpenAccountForm) -> HttpResponse:
        customer: Customer = form.cleaned_data["customer"]
        try:
            account = open_account(
                customer.pk,
                by=cast("User", request.user),
                account_type=form.cleaned_data["account_type"],
                account_id=form.cleaned_data["account_id"],
            )
        except DomainError as error:
            form.add_error(None, error.message)
            return show(request, OPEN_ACCOUNT, form)
        messages.success(request, f"Account {account} of {customer} is open.")
        return go_to(request, customer_url(customer))


def customer_url(customer: Customer) -> str:
    return reverse("admin:registry_customer_change", args=[customer.pk])
