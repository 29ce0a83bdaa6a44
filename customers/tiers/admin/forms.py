"""What administrators fill in about tiers and channels."""

from decimal import Decimal
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from common.money import minor_digits
from common.reading.fields import ReasonField
from customers.tiers.models import ChannelRule, Tier

LONGEST_TERM = 366  # days; more is a slip


class _Reasoned(forms.ModelForm):  # type: ignore[type-arg]
    """Checks values and asks why; the command saves them."""

    reason = ReasonField("Kept in the versions, for whoever examines the bank.")

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


class TierForm(_Reasoned):
    class Meta:
        model = Tier
        fields = ("name", "max_balance", "max_transaction", "access", "features")
        widgets = {
            "name": UnfoldAdminTextInputWidget(),
            "max_balance": UnfoldAdminDecimalFieldWidget(),
            "max_transaction": UnfoldAdminDecimalFieldWidget(),
            "access": UnfoldAdminTextInputWidget(),
            "features": UnfoldAdminTextInputWidget(),
        }
        error_messages = {"name": {"required": "Give the name."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = self.instance.tenant.currency
        for name in ("max_balance", "max_transaction"):
            self.fields[name].help_text = f"In {self.currency}; empty is no limit."
            limit = getattr(self.instance, name)
            if limit is not None and self.initial[name] == limit:
                self.initial[name] = f"{limit:.{minor_digits(self.currency)}f}"

    def clean_max_balance(self) -> Decimal | None:
        return self._in_minor_units("max_balance")

    def clean_max_transaction(self) -> Decimal | None:
        return self._in_minor_units("max_transaction")

    def _in_minor_units(self, name: str) -> Decimal | None:
        limit: Decimal | None = self.cleaned_data[name]
        digits = minor_digits(self.currency)
        if limit is not None and limit != round(limit, digits):
            many = f"{digits} digits" if digits else "no digits"
            message = f"{self.currency} has {many} behind the point."
            raise forms.ValidationError(message)
        return limit


class ChannelRuleForm(_Reasoned):
    kyc_within_days = forms.IntegerField(
        label="KYC within days",
        min_value=0,
        max_value=LONGEST_TERM,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text="0: on the day of registration."
        " Who is late is suspended at the next midnight.",
        error_messages={
            "required": "Give the days.",
            "max_value": f"More than {LONGEST_TERM} days is a slip.",
            "min_value": "Days are 0 or more.",
        },
    )

    class Meta:
        model = ChannelRule
        fields = ("kyc_within_days", "needs_phone", "needs_email")
        widgets = {
            "needs_phone": UnfoldBooleanWidget(),
            "needs_email": UnfoldBooleanWidget(),
        }
