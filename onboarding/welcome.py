"""Welcome a customer: the login name and a one-time password, made when sent.

The password is never stored and never logged. Should this process die after the mail
server accepted the mail and before we recorded it, the next try sends a second mail
with a new password, and the password of the first no longer works. Silence would be
worse: the customer could not sign in at all.
"""

import smtplib
from uuid import UUID

from django.core.mail import EmailMessage, get_connection

from common.errors import DomainError
from common.observing.calls import Provider, call_of
from customers.contacts.reaching import language_of
from customers.registry.models import Customer
from events.mail import (
    AddressRefused,
    compose_letter,
    outcome_of_mail,
    refuse_nowhere,
    write_letter,
)
from onboarding.identity import IdentityProvider, get_identity_provider
from onboarding.models import Login, Provisioning
from onboarding.services import await_hand_over, may_sign_in, record_welcome
from tenants.models import User
from tenants.services import get_machine


class MailUnavailable(DomainError):  # noqa: N818 - a state, not a mistake
    """The mail did not go out; a later try may succeed."""

    code = "MAIL_UNAVAILABLE"


def deliver_welcome(customer_id: UUID | str) -> None:
    """Send the welcome unless it was sent; hold it while the customer may not sign in.

    Without an e-mail on file the branch is asked to hand the password over. Raises
    MailUnavailable and the errors of the identity provider.
    """
    logins = Login.objects.select_related("customer__tenant")
    login = logins.filter(customer_id=customer_id).first()
    tracker = Provisioning.objects.filter(customer_id=customer_id).first()
    if login is None or tracker is None or tracker.welcome_sent_at:
        return
    if not may_sign_in(login.customer):
        return
    machine = get_machine("onboarding")
    if not login.customer.email:
        await_hand_over(customer_id, by=machine)
        return
    _send(login, login.customer)
    record_welcome(customer_id, way=Provisioning.Way.EMAIL, by=machine)


def _send(login: Login, customer: Customer) -> None:
    provider = _provider(login)
    try:
        refuse_nowhere()
        # First the mail server: while it is down no password needs to change.
        with call_of(Provider.SMTP, outcome_of_mail), get_connection() as connection:
            password = provider.set_one_time_password(login.provider_id)
            mail = compose(customer, provider, password)
            mail.connection = connection
            mail.send()
    except AddressRefused as error:
        raise MailUnavailable(str(error)) from None
    except smtplib.SMTPRecipientsRefused:
        raise MailUnavailable("The mail server refused the address.") from None
    except smtplib.SMTPResponseException as error:
        raise MailUnavailable(
            f"The mail server refused the mail (SMTP {error.smtp_code})."
        ) from None
    except (smtplib.SMTPException, OSError):
        raise MailUnavailable("The mail server does not answer.") from None


def compose(
    customer: Customer, provider: IdentityProvider, password: str
) -> EmailMessage:
    """Write the mail; plain text, so that nothing in it can be a trap.

    It goes to the e-mail whatever way the customer prefers: nobody could sign in
    without it. The language is theirs.
    """
    context = {
        "customer": customer,
        "bank": customer.tenant.name,
        "login_name": customer.login_name,
        "password": password,
        "sign_in_url": provider.sign_in_url(),
    }
    letter = write_letter("onboarding/welcome", language_of(customer), context)
    return compose_letter(customer.email, letter)


def hand_over_password(customer_id: UUID | str, *, by: User) -> str:
    """Return a one-time password for the customer at the counter; shown once.

    Only where the welcome waits for the branch. Raises DomainError otherwise.
    """
    logins = Login.objects.select_related("customer__tenant")
    login = logins.get(customer_id=customer_id)
    customer = login.customer
    waiting = Provisioning.objects.filter(customer=customer).awaiting_hand_over()
    if not waiting.exists():
        raise DomainError("No one-time password waits for this customer.")
    if not may_sign_in(customer):
        raise DomainError(f"Cannot hand over: {customer} is {customer.status}.")
    password = _provider(login).set_one_time_password(login.provider_id)
    if not record_welcome(customer.pk, way=Provisioning.Way.BRANCH, by=by):
        raise DomainError("A colleague handed a password over a moment ago.")
    return password


def _provider(login: Login) -> IdentityProvider:
    return get_identity_provider(login.customer.tenant.slug, login.provider)
