"""Two people at one contact: nobody's new number is undone by who saw the old one."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common.errors import StaleVersionError
from customers.contacts.commands.overtaken import version_of
from customers.contacts.models import Phone, Preference
from customers.contacts.services import change_contact, set_preference
from customers.registry.models import Customer
from customers.registry.services import update_customer
from tenants.models import User
from tests.conftest import ClientAs, MakeStaff
from tests.contacts.conftest import PHONE, phone_of

pytestmark = pytest.mark.django_db
OLD, NEW = "+233244100001", "+233201234567"


@pytest.fixture
def clerk(make_staff: MakeStaff, client_as: ClientAs) -> Client:
    return client_as(make_staff("client_facing"))


def _shown(page: str) -> dict[str, str]:
    """What a browser would send back of the dialog."""
    fields = re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page)
    fields += re.findall(r'<input[^>]*value="([^"]*)"[^>]*name="(\w+)"', page)
    chosen = re.findall(
        r'<select[^>]*name="(\w+)".*?(?:<option value="([^"]*)" selected)',
        page,
        re.DOTALL,
    )
    return dict([*fields, *chosen])


def _opened(client: Client, url: str) -> dict[str, str]:
    said = _shown(client.get(url).content.decode())
    return {**said, "_form_submitted": "on", "reason": "Asked"}


def test_a_new_number_survives_a_change_of_type(
    ama: Customer, officer: User, clerk: Client
) -> None:
    phone = phone_of(ama)
    url = reverse("admin:contacts_phone_edit", args=[phone.pk])
    seen = _opened(clerk, url)
    change_contact(PHONE, phone.pk, {"number": NEW}, by=officer, reason="Called us")
    page = clerk.post(url, {**seen, "type": "work"}).content.decode()
    assert re.search(rf"{officer} changed this .* ago \(“Called us”\)", page)
    kept = _shown(page)
    # What was typed stays, what was left alone is the colleague's.
    assert (kept["type"], kept["number"], kept["reason"]) == ("work", NEW, "Asked")
    assert phone_of(ama).type == ""
    again = clerk.post(url, {**kept, "_form_submitted": "on"})
    assert again.status_code == 302
    assert (phone_of(ama).number, phone_of(ama).type) == (NEW, "work")


def test_where_both_changed_one_the_other_is_said(
    ama: Customer, officer: User, clerk: Client
) -> None:
    phone = phone_of(ama)
    url = reverse("admin:contacts_phone_edit", args=[phone.pk])
    seen = _opened(clerk, url)
    change_contact(PHONE, phone.pk, {"number": NEW}, by=officer, reason="Called us")
    page = clerk.post(url, {**seen, "number": "+233209999999"}).content.decode()
    assert f"Now on file: “{NEW}”." in page
    assert _shown(page)["number"] == "+233209999999"
    assert phone_of(ama).number == NEW


@pytest.mark.parametrize("version", ["", "0", "-1", "999999999", "x"])
def test_who_names_no_version_overwrites_nothing(
    ama: Customer, clerk: Client, version: str
) -> None:
    url = reverse("admin:contacts_phone_edit", args=[phone_of(ama).pk])
    asked = {**_opened(clerk, url), "number": NEW, "version": version}
    assert clerk.post(url, asked).status_code == 200
    assert phone_of(ama).number != NEW


def test_the_command_refuses_and_says_who(ama: Customer, officer: User) -> None:
    phone = phone_of(ama)
    seen = version_of(phone)
    change_contact(PHONE, phone.pk, {"type": "work"}, by=officer, reason="x")
    with pytest.raises(StaleVersionError, match=str(officer)):
        change_contact(
            PHONE, phone.pk, {"type": "home"}, by=officer, reason="x", version=seen
        )
    assert phone_of(ama).type == "work"


def test_who_was_overtaken_by_the_details_can_save_at_the_second_press(
    ama: Customer, officer: User, clerk: Client
) -> None:
    """The row was changed, and no worker has let the contact follow yet."""
    url = reverse("admin:contacts_phone_edit", args=[phone_of(ama).pk])
    seen = _opened(clerk, url)
    changes = {"phone": NEW}
    update_customer(ama.pk, changes=changes, by=officer, reason="Called us")
    page = clerk.post(url, {**seen, "type": "work"}).content.decode()
    assert "(machine) changed this" in page, "not whoever presses Save"
    kept = _shown(page)
    assert (kept["type"], kept["number"]) == ("work", NEW)
    again = clerk.post(url, {**kept, "_form_submitted": "on"})
    assert again.status_code == 302
    assert (phone_of(ama).number, phone_of(ama).type) == (NEW, "work")


def test_only_what_is_named_is_changed(ama: Customer, officer: User) -> None:
    phone = phone_of(ama)
    first = {"number": phone.number, "type": "mobile", "operator": "mtn"}
    change_contact(PHONE, phone.pk, first, by=officer, reason="x")
    changed = change_contact(PHONE, phone.pk, {"type": "work"}, by=officer, reason="x")
    assert changed == ["type"]
    found = phone_of(ama)
    assert (found.number, found.operator) == (phone.number, "mtn")
    # The old number's operator is not the new one's.
    change_contact(PHONE, phone.pk, {"number": NEW}, by=officer, reason="x")
    found = phone_of(ama)
    assert (found.number, found.operator, found.type) == (NEW, "", "work")


def test_what_an_older_rule_let_in_does_not_stop_other_changes(
    ama: Customer, officer: User
) -> None:
    phone = phone_of(ama)
    Customer.objects.filter(pk=ama.pk).update(phone="+233000000000")
    Phone.objects.filter(pk=phone.pk).update(number="+233000000000")
    change_contact(PHONE, phone.pk, {"type": "work"}, by=officer, reason="x")
    assert phone_of(ama).type == "work"


def test_preferences_of_two_at_once(
    ama: Customer, officer: User, clerk: Client
) -> None:
    def wish(channel: str, language: str, **more: Any) -> None:
        set_preference(
            ama.pk, channel=channel, language=language, by=officer, reason="Wrote",
            **more,
        )  # fmt: skip

    wish("email", "en")
    url = reverse("admin:contacts_preference_of_customer", args=[ama.pk])
    seen = _opened(clerk, url)
    wish("sms", "en")
    page = clerk.post(url, {**seen, "language": "fr"}).content.decode()
    assert "changed this" in page
    assert Preference.objects.get().channel == "sms"
    kept = {**_shown(page), "_form_submitted": "on"}
    assert (kept["channel"], kept["language"]) == ("sms", "fr")
    assert clerk.post(url, kept).status_code == 302
    kept_now = Preference.objects.get()
    assert (kept_now.channel, kept_now.language) == ("sms", "fr")
