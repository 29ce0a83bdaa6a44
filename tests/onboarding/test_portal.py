"""The portal: each customer sees their own, and nothing the bank keeps to itself."""

from pathlib import Path

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from customers.registry.choices import SuspensionReason
from customers.registry.models import Customer
from customers.registry.services import reinstate_customer, suspend_customer
from deposits.models import Account
from onboarding.portal.mailbox import read_mails
from onboarding.welcome import hand_over_password
from tenants.models import Tenant, User
from tests.conftest import ClientAs, Deliver, MakeCustomer, MakeStaff
from tests.onboarding.conftest import offboard, sent_password

pytestmark = pytest.mark.django_db
HOME, LOGIN = "/portal/demo/", "/portal/demo/login/"
PASSWORD = "/portal/demo/password/"
OWN = "tall-heron-walks-slowly"


@pytest.fixture
def customer(make_customer: MakeCustomer, deliver: Deliver) -> Customer:
    customer = make_customer(name="Ama <b>Mensah</b>", verified=True)
    deliver()
    return customer


def sign_in(
    name: str, password: str, url: str = LOGIN, client: Client | None = None
) -> Client:
    client = client or Client()
    client.post(url, {"login_name": name, "password": password})
    return client


@pytest.fixture
def settled(customer: Customer) -> Client:
    """Return the browser of the customer after the first sign-in."""
    client = sign_in(customer.email, sent_password())
    assert client.post(PASSWORD, {"new": OWN, "again": OWN}).status_code == 302
    return client


def test_first_sign_in_demands_a_password_of_ones_own(customer: Customer) -> None:
    one_time = sent_password()
    client = sign_in(customer.email.upper(), one_time)
    assert client.get(HOME)["Location"] == PASSWORD
    for form, refusal in (
        ({"new": "short", "again": "short"}, "too short"),
        ({"new": OWN, "again": "other"}, "differ"),
        ({"new": one_time, "again": one_time}, "Choose another one"),
    ):
        assert refusal in client.post(PASSWORD, form).content.decode()
    assert client.get(HOME)["Location"] == PASSWORD
    assert client.post(PASSWORD, {"new": OWN, "again": OWN})["Location"] == HOME
    assert client.get(HOME).status_code == 200
    # The one-time password is spent, the own one lasts.
    assert sign_in(customer.email, one_time).get(HOME)["Location"] == LOGIN
    assert sign_in(customer.email, OWN).get(HOME).status_code == 200


def test_home_shows_own_state_in_plain_words(
    settled: Client, customer: Customer
) -> None:
    page = settled.get(HOME)
    text = page.content.decode()
    account = Account.objects.get(customer=customer)
    for words in (
        "Ama &lt;b&gt;Mensah&lt;/b&gt;",
        "Your identity is confirmed.",
        account.public_id,
        "Current account, USD",
        "Proof of address",
        customer.public_id,
        "ends in 89-1",
        "3 Apr 1991",
        "Ghana",
    ):
        assert words in text
    assert "GHA-123456789-1" not in text
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize("status", [Account.Status.SUSPENDED, Account.Status.FROZEN])
def test_held_accounts_read_the_same(
    status: str, settled: Client, customer: Customer, setup_machine: User
) -> None:
    account = Account.objects.get(customer=customer)
    account.status = status
    account.save_as(setup_machine, "For the test")
    text = settled.get(HOME).content.decode()
    assert "On hold, please call us" in text
    assert "rozen" not in text
    assert "uspended" not in text


def test_suspension_closes_the_session_at_once_and_tells_nothing(
    settled: Client, customer: Customer, setup_machine: User, deliver: Deliver
) -> None:
    reason = SuspensionReason.ADVERSE_VERDICT
    suspend_customer(customer.pk, reason=reason, by=setup_machine)
    deliver()
    assert settled.get(HOME)["Location"] == LOGIN
    answer = settled.post(LOGIN, {"login_name": customer.email, "password": OWN})
    text = answer.content.decode()
    assert "do not go together" in text
    assert "uspend" not in text
    reinstate_customer(customer.pk, reason="A mistake", by=setup_machine)
    deliver()
    assert sign_in(customer.email, OWN).get(HOME).status_code == 200


def test_who_has_left_stays_out(
    settled: Client, customer: Customer, setup_machine: User, deliver: Deliver
) -> None:
    offboard(customer, setup_machine)
    deliver()
    assert settled.get(HOME)["Location"] == LOGIN


def test_customers_never_reach_the_admin(settled: Client, customer: Customer) -> None:
    for name in ("admin:index", "admin:registry_customer_changelist"):
        answer = settled.get(reverse(name))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/")
    form = {"username": f"customer:demo:{customer.email}", "password": OWN}
    answer = Client().post(reverse("admin:login"), form)
    assert answer.status_code == 200  # the form again


def test_staff_see_no_portal(
    make_staff: MakeStaff, client_as: ClientAs, customer: Customer
) -> None:
    staff = make_staff("teller", password=OWN)
    assert client_as(staff).get(HOME)["Location"] == LOGIN
    answer = Client().post(LOGIN, {"login_name": staff.username, "password": OWN})
    assert "do not go together" in answer.content.decode()


def test_two_banks_with_the_same_customer(
    settled: Client,
    customer: Customer,
    make_customer: MakeCustomer,
    second_bank: Tenant,
    deliver: Deliver,
) -> None:
    make_customer(tenant=second_bank, email=customer.email, verified=True)
    deliver()
    there = "/portal/second/"
    assert settled.get(there)["Location"] == f"{there}login/"
    other = sign_in(customer.email, OWN, f"{there}login/")
    assert other.get(there)["Location"] == f"{there}login/"
    other = sign_in(customer.email, sent_password(), f"{there}login/")
    assert other.get(there)["Location"] == f"{there}password/"
    assert other.get(HOME)["Location"] == LOGIN
    assert settled.get("/portal/nowhere/").status_code == 404


def test_phone_may_be_typed_with_blanks(
    make_customer: MakeCustomer, deliver: Deliver, setup_machine: User
) -> None:
    customer = make_customer(
        email="", phone="+233244123456", channel="agent", verified=True
    )
    deliver()
    password = hand_over_password(customer.pk, by=setup_machine)
    client = sign_in("+233 (0)24 412 34 56", password)
    assert client.get(HOME)["Location"] == PASSWORD


def test_guessing_is_throttled(customer: Customer) -> None:
    client = Client()
    for _ in range(5):
        answer = client.post(
            LOGIN, {"login_name": customer.email, "password": "guessed-wrongly"}
        )
    assert answer.status_code == 429
    assert "Too many tries." in answer.content.decode()
    assert "/admin/" not in answer.content.decode()
    right = {"login_name": customer.email, "password": sent_password()}
    assert client.post(LOGIN, right).status_code == 429


def test_changing_the_password_later_needs_the_present_one(
    settled: Client, customer: Customer
) -> None:
    new = "another-heron-flies-away"
    form = {"current": "not-mine-at-all", "new": new, "again": new}
    assert "This is not your password." in settled.post(PASSWORD, form).content.decode()
    for _ in range(5):
        answer = settled.post(PASSWORD, form)
    assert answer.status_code in (302, 429)
    assert settled.get(HOME)["Location"] == LOGIN


def test_changing_the_password_later(settled: Client, customer: Customer) -> None:
    new = "another-heron-flies-away"
    form = {"current": OWN, "new": new, "again": new}
    assert settled.post(PASSWORD, form)["Location"] == HOME
    assert settled.get(HOME).status_code == 200
    user = User.objects.get(username=f"customer:demo:{customer.email}")
    assert user.check_password(new)
    assert user.history.first().history_user == user


def test_signing_out(settled: Client) -> None:
    url = "/portal/demo/logout/"
    assert settled.get(url).status_code == 405
    assert settled.post(url)["Location"] == LOGIN
    assert settled.get(HOME)["Location"] == LOGIN


def test_forms_need_a_token(customer: Customer) -> None:
    client = Client(enforce_csrf_checks=True)
    form = {"login_name": customer.email, "password": sent_password()}
    assert client.post(LOGIN, form).status_code == 403


def test_mailbox_shows_the_newest_first(settings: Settings, tmp_path: Path) -> None:
    settings.DEBUG = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    assert "No mail yet." in Client().get("/portal/mail/").content.decode()
    for number in (1, 2):
        EmailMessage(
            f"Mail {number}", f"Zoë <script>{number}</script>", to=["a@mail.example"]
        ).send()
    (tmp_path / "mail" / "empty.log").touch()
    text = Client().get("/portal/mail/").content.decode()
    assert text.index("Mail 2") < text.index("Mail 1")
    assert "Zoë &lt;script&gt;2" in text
    first = read_mails(tmp_path / "mail")[0]
    assert (first.to, first.subject) == ("a@mail.example", "Mail 2")
    assert first.date.startswith(timezone.localtime().strftime("%-d %b "))


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("Date: Sat, 21 Nov 2026 11:46:05 -0000", "21 Nov 11:46"),
        ("Date: Sat, 21 Nov 2026 13:46:05 +0200", "21 Nov 11:46"),
        ("Date: yesterday", ""),
        ("X-None: 1", ""),
    ],
)
def test_the_mailbox_writes_dates_plainly(
    header: str, shown: str, tmp_path: Path
) -> None:
    (tmp_path / "a.log").write_text(f"{header}\nSubject: Hello\n\nHello\n")
    with timezone.override("UTC"):
        assert [found.date for found in read_mails(tmp_path)] == [shown]


@pytest.mark.parametrize(
    ("debug", "backend"),
    [
        (False, "django.core.mail.backends.filebased.EmailBackend"),
        (True, "django.core.mail.backends.smtp.EmailBackend"),
        (True, "django.core.mail.backends.locmem.EmailBackend"),
    ],
)
def test_mailbox_is_closed_where_mail_is_sent(
    debug: object, backend: str, settings: Settings, tmp_path: Path
) -> None:
    settings.DEBUG, settings.EMAIL_BACKEND = bool(debug), backend
    settings.EMAIL_FILE_PATH = str(tmp_path)
    assert Client().get("/portal/mail/").status_code == 404
    assert mail.outbox == []
