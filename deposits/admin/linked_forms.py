"""What staff fill in about accounts elsewhere."""

from typing import Any

from django import forms
from django.http import HttpRequest
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from common.face import Label, Tone, day
from common.keys import new_id
from common.reading.countries import COUNTRIES
from deposits.linked.choices import LinkedKind, NameMatch, RefusalReason
from deposits.linked.numbers import LONGEST
from deposits.linked.papers import proofs_of
from deposits.linked.services import (
    LONGEST_INSTITUTION,
    LONGEST_NAME,
    LONGEST_WHY,
    compare_holder,
)
from deposits.models import LinkedAccount
from documents.models import Document

MATCHES: dict[str, Tone] = {
    NameMatch.MATCH: "good", NameMatch.CLOSE: "warn", NameMatch.NONE: "stop",
}  # fmt: skip


def _line(label: str, most: int, *, asked: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        help_text=help_text,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        error_messages={
            "required": asked,
            "max_length": f"Write it in at most {most} characters.",
        },
    )


class LinkForm(BaseDialogForm):  # type: ignore[misc]
    """`link_id` is made with the form, so a second press links no second account."""

    kind = forms.ChoiceField(choices=LinkedKind.choices, widget=UnfoldAdminSelectWidget)
    institution = _line(
        "Institution", LONGEST_INSTITUTION, asked="Write the institution.",
        help_text="The bank, or the operator of the wallet.",
    )  # fmt: skip
    country = forms.ChoiceField(
        choices=[("", "–"), *COUNTRIES.items()],
        required=False,
        help_text="An IBAN says it itself.",
        widget=UnfoldAdminSelectWidget,
    )
    number = _line(
        "Number", LONGEST, asked="Write the number.",
        help_text="The IBAN, or the account number as on the statement. For a wallet"
        " its phone with the country code, or its id.",
    )  # fmt: skip
    holder_name = _line(
        "Holder", LONGEST_NAME, asked="Write the holder’s name.",
        help_text="As the institution spells it.",
    )  # fmt: skip
    link_id = forms.UUIDField(widget=forms.HiddenInput, initial=new_id)


class ByDocumentForm(BaseDialogForm):  # type: ignore[misc]
    """Shows how the names compare, and offers what is accepted and in force."""

    form_before_template = "deposits/_name_match.html"
    document = forms.ChoiceField(
        label="Proof",
        help_text="An accepted document that shows holder and number.",
        widget=UnfoldAdminSelectWidget,
        error_messages={"required": "Choose the document that proves it."},
    )
    shows_both = forms.BooleanField(
        label="Number and holder stand on the paper",
        help_text="Kept in the versions, with your name.",
        widget=UnfoldBooleanWidget(),
        error_messages={"required": "Look at the paper and say so."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = _row(self.object_id)
        customer = self.row.customer
        found = proofs_of(customer).order_by("-uploaded_at")
        self.fields["document"].choices = [
            ("", "–" if found else "No accepted document yet"),
            *((str(each.pk), _words(each)) for each in found),
        ]

    def get_before_template_context(
        self, request: HttpRequest, object_id: Any = None
    ) -> dict[str, Any]:
        del request, object_id
        comparison = compare_holder(self.row)
        result = comparison.result
        return {
            "customer": self.row.customer,
            "holder": self.row.holder_name,
            "label": Label(result.label, MATCHES[result]),
            "words": comparison.words,
        }


def _row(linked_id: Any) -> LinkedAccount:
    rows = LinkedAccount.objects.select_related("customer__tenant")
    row: LinkedAccount = rows.get(pk=linked_id)
    return row


def _words(document: Document) -> str:
    return f"{document.title}, {day(document.uploaded_at)}, {document.name}"


class AmountForm(BaseDialogForm):  # type: ignore[misc]
    amount = forms.DecimalField(
        label="Amount that came",
        max_digits=9,
        decimal_places=3,
        help_text="As the customer reads it from the statement, e.g. 0.37.",
        widget=UnfoldAdminDecimalFieldWidget({"autocomplete": "off"}),
        error_messages={"required": "Write the amount."},
    )


class MakeAmountForm(BaseDialogForm):  # type: ignore[misc]
    """`amount_id` is made with the form: pressed twice, one amount is made."""

    amount_id = forms.UUIDField(widget=forms.HiddenInput, initial=new_id)


class RefuseForm(BaseDialogForm):  # type: ignore[misc]
    reason = forms.ChoiceField(
        choices=[
            ("", "–"),
            *((code, f"{word[:1].upper()}{word[1:]}")
              for code, word in RefusalReason.choices),
        ],
        help_text="Read by everybody who serves the customer.",
        widget=UnfoldAdminSelectWidget,
        error_messages={"required": "Choose a reason."},
    )  # fmt: skip


class RemoveForm(BaseDialogForm):  # type: ignore[misc]
    reason = _line(
        "Why", LONGEST_WHY, asked="Say why in a few words.",
        help_text="Kept in the versions, with your name.",
    )  # fmt: skip
