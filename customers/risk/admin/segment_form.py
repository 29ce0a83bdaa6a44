"""What administrators fill in about a segment."""

from decimal import Decimal
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
)

from common.money import minor_digits
from common.reading.fields import ReasonField
from customers.risk.models import SegmentRule


class SegmentRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    min_tier = forms.IntegerField(
        label="Tier, at least", min_value=1, max_value=4,
        widget=UnfoldAdminIntegerFieldWidget(), help_text="1 to 4.",
        error_messages={
            "required": "Give the tier.", "invalid": "Give a tier, 1 to 4.",
            "min_value": "Tiers are 1 to 4.", "max_value": "Tiers are 1 to 4.",
        },
    )  # fmt: skip
    min_balance = forms.DecimalField(
        label="Balance, at least", min_value=0, max_digits=18, decimal_places=3,
        widget=UnfoldAdminDecimalFieldWidget(),
        error_messages={
            "required": "Give the balance; 0 asks for none.",
            "invalid": "Give an amount.", "min_value": "A balance is 0 or more.",
        },
    )  # fmt: skip
    min_score = forms.IntegerField(
        label="Engagement, at least", min_value=0, max_value=100,
        widget=UnfoldAdminIntegerFieldWidget(), help_text="0 to 100.",
        error_messages={
            "required": "Give the engagement; 0 asks for none.",
            "invalid": "Give a whole number, 0 to 100.",
            "min_value": "Engagement is 0 to 100.",
            "max_value": "Engagement is 0 to 100.",
        },
    )  # fmt: skip
    reason = ReasonField("Kept in the versions, for whoever examines the bank.")

    class Meta:
        model = SegmentRule
        fields = ("min_tier", "min_balance", "min_score")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = self.instance.tenant.currency
        digits = minor_digits(self.currency)
        self.fields["min_balance"].help_text = f"In {self.currency}; 0 asks for none."
        self.initial["min_balance"] = f"{self.instance.min_balance:.{digits}f}"

    def clean_min_balance(self) -> Decimal:
        balance: Decimal = self.cleaned_data["min_balance"]
        digits = minor_digits(self.currency)
        if balance != round(balance, digits):
            many = f"{digits} digits" if digits else "no digits"
            message = f"{self.currency} has {many} behind the point."
            raise forms.ValidationError(message)
        return balance

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}
