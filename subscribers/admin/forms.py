"""What is filled in about subscribers."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django import forms
from django.apps import apps
from django.utils import timezone
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminTextInputWidget,
)

from common.lists.boxes import GroupedBoxes
from events.events import EVENT_TYPES, Event
from subscribers.models import Subscriber
from subscribers.models.subscriber import HIDDEN
from subscribers.services import LONGEST_OVERLAP, MAX_NAME, MAX_URL

LONGEST_REASON = 200
USUAL_OVERLAP = timedelta(days=7)


def _text(label: str, help_text: str, most: int, missing: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        help_text=help_text,
        error_messages={
            "required": missing,
            "max_length": f"At most {most} characters.",
        },
    )


def _reason() -> forms.CharField:
    return _text(
        "Why", "Kept in the versions.", LONGEST_REASON, "Say why in a few words."
    )


def _day(label: str, help_text: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=UnfoldAdminDateWidget(format="%Y-%m-%d"),
        help_text=help_text,
        error_messages={
            "required": "Give the day.",
            "invalid": "Write the day as in 2027-01-31.",
        },
    )


def event_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every event of this release by its room, restricted ones marked."""
    rooms: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, kind in sorted(EVENT_TYPES.items()):
        if kind.__subclasses__():
            continue  # what several have in common, and never happens itself
        mark = " (restricted)" if kind.is_restricted else ""
        rooms[_room_of(kind)].append((name, f"{words_of(name)}{mark}"))
    return sorted(rooms.items())


def _room_of(kind: type[Event]) -> str:
    room = apps.get_containing_app_config(kind.__module__)
    return str(room.verbose_name) if room else "Others"


def words_of(name: str) -> str:
    spaced = "".join(f" {c.lower()}" if c.isupper() else c for c in name)
    return spaced.strip().capitalize()


class SubscriberForm(forms.Form):
    name = _text(
        "Name", "What it is, such as “Risk engine”.", MAX_NAME, "Give the name."
    )
    url = _text(
        "Address", "Where it takes events, beginning with https://.", MAX_URL,
        "Give the address.",
    )  # fmt: skip
    event_types = forms.MultipleChoiceField(
        label="Events",
        choices=event_choices,
        required=False,
        widget=GroupedBoxes(),
        help_text="With no choice it gets all, those of later releases too. Restricted"
        " ones are sent only when compliance allows it.",
        error_messages={"invalid_choice": "Choose events of the list."},
    )
    reason = _reason()


class ChangeForm(SubscriberForm):
    """Shows the address as pages do; left as it is, it stays whole."""

    def __init__(self, *args: Any, subscriber: Subscriber, **kwargs: Any) -> None:
        self._known = subscriber
        super().__init__(*args, **kwargs)
        self.initial.update(
            {
                "name": subscriber.name,
                "url": subscriber.shown_url,
                "event_types": subscriber.event_types,
            }
        )
        if subscriber.shown_url != subscriber.url:
            self.fields["url"].help_text = (
                "What stands behind the “?” may be a key and is not shown. Leave the"
                " address as it is to keep it, or write the whole address anew."
            )

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip()
        if url == self._known.shown_url:
            return self._known.url
        if HIDDEN in url:
            message = "Write the whole address, with what stands behind the “?”."
            raise forms.ValidationError(message)
        return url


class ReasonDialog(BaseDialogForm):  # type: ignore[misc]
    reason = _reason()


class RotateDialog(ReasonDialog):
    old_ends_on = _day(
        "Old secrets end on",
        "Until the end of that day (UTC) every message bears both signatures. Yesterday"
        " ends them at once.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["old_ends_on"] = timezone.now().date() + USUAL_OVERLAP

    def clean_old_ends_on(self) -> Any:
        day = self.cleaned_data["old_ends_on"]
        if day >= timezone.now().date() + LONGEST_OVERLAP:
            message = f"The old ones end within {LONGEST_OVERLAP.days} days."
            raise forms.ValidationError(message)
        return day


class ReplayDialog(ReasonDialog):
    since = forms.DateTimeField(
        label="Since",
        widget=UnfoldAdminTextInputWidget(
            {"autocomplete": "off", "placeholder": "2027-01-31 08:00"}
        ),
        help_text="As in 2027-01-31 08:00, by the institution’s clock.",
        error_messages={
            "required": "Say since when.",
            "invalid": "Write it as in 2027-01-31 08:00.",
        },
    )
