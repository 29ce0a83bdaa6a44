"""A session lives while it is used; rights come from roles alone."""

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from tenants.middleware import SEEN, SEEN_EVERY
from tenants.models import User
from tests.conftest import MakeStaff
from tests.tenants.test_users import LOGIN, PASSWORD, sign_in


@pytest.fixture(autouse=True)
def _quick_hashes(settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def teller(make_staff: MakeStaff) -> User:
    return make_staff("teller", password=PASSWORD)


def test_a_session_in_use_lives_on_and_is_seldom_written(teller: User) -> None:
    client = Client()
    sign_in(teller.username, PASSWORD, client)
    client.get(reverse("admin:index"))
    before = Session.objects.get().expire_date
    client.get(reverse("admin:index"))
    assert Session.objects.get().expire_date == before
    session = client.session
    session[SEEN] -= SEEN_EVERY
    session.save()
    client.get(reverse("admin:index"))
    assert Session.objects.get().expire_date > before


def test_a_visit_without_a_session_makes_none(client: Client, db: None) -> None:
    client.get(LOGIN)
    assert not Session.objects.exists()


def test_nobody_holds_a_right_of_their_own(teller: User) -> None:
    right = Permission.objects.get(codename="suspend_customer")
    teller.user_permissions.add(right)
    fresh = User.objects.get(pk=teller.pk)
    assert not fresh.has_perm("registry.suspend_customer")
    assert fresh.has_perm("deposits.open_account")
