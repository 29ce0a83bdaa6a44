"""`manage.py create_tenant` founds an institution, or leaves nothing behind."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tenants.models import Tenant, User

PASSWORD = "correct horse battery"

pytestmark = pytest.mark.django_db

Found = Callable[..., str]


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Found:
    """Run the command as an operator would who types `password` at the prompt."""

    def run(*arguments: str, password: str = PASSWORD, **options: str) -> str:
        monkeypatch.setattr("getpass.getpass", lambda _: password)
        out = StringIO()
        options = {"administrator": "boss@hill.example", **options}
        call_command("create_tenant", *arguments, stdout=out, **options)
        return out.getvalue()

    return run


def test_the_first_administrator_can_sign_in(found: Found) -> None:
    said = found("hill", "Hill Bank", currency="GHS", time_zone="Africa/Accra")
    tenant = Tenant.objects.get(slug="hill")
    assert (tenant.name, tenant.currency, tenant.pack) == ("Hill Bank", "GHS", "bank")
    boss = User.objects.get(username="boss@hill.example")
    assert (boss.tenant, boss.roles) == (tenant, ["administrator"])
    assert boss.has_perm("tenants.change_policy")
    assert not boss.is_superuser
    assert "Hill Bank is founded" in said
    assert PASSWORD not in said
    answers = {"username": "boss@hill.example", "password": PASSWORD}
    assert Client().post("/admin/login/", answers).status_code == 302


def test_the_deed_is_on_record(found: Found) -> None:
    found("hill", "Hill Bank")
    version = Tenant.objects.get(slug="hill").history.get()
    assert version.history_user.username == "system:setup"
    assert version.history_change_reason == "Institution founded"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"password": "short"}, "too short"),
        ({"password": "123456789012345"}, "entirely numeric"),
        ({"pack": "butcher"}, "There is no pack “butcher”"),
        ({"currency": "ZZZ"}, "Not an ISO 4217 currency"),
        ({"time_zone": "Moon"}, "Not a time zone"),
        ({"administrator": "boss"}, "e-mail does not look right"),
    ],
)
def test_a_refusal_leaves_nothing(
    found: Found, options: dict[str, str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        found("hill", "Hill Bank", **options)
    assert not Tenant.objects.exists()
    assert not User.objects.exclude(kind=User.Kind.MACHINE).exists()


def test_a_second_institution_of_the_name_is_refused(found: Found) -> None:
    found("hill", "Hill Bank")
    with pytest.raises(CommandError, match="already exists"):
        found("hill", "Hill Bank", administrator="other@hill.example")
    assert Tenant.objects.count() == 1


def test_an_administrator_who_has_a_login_is_refused(found: Found) -> None:
    found("hill", "Hill Bank")
    with pytest.raises(CommandError, match=r"There is a login boss@hill\.example"):
        found("dale", "Dale Bank")
    assert not Tenant.objects.filter(slug="dale").exists()
