"""The page behind a link speaks the language of the letter."""

import re
from typing import Any

import pytest
from django.test import Client

from customers.contacts.choices import Language
from customers.contacts.services import ask_verification, set_preference
from customers.registry.models import Customer
from tenants.models import User
from tests.conftest import Deliver
from tests.contacts.conftest import EMAIL, email_of, link_in_mail
from tests.contacts.test_letters import ENGLISH

pytestmark = pytest.mark.django_db
# A word of the question, of the thanks, and of the end.
WORDS = {
    "en": ("Press the button", "Thank you", "has ended"),
    "fr": ("Appuyez sur le bouton", "Merci", "plus valable"),
    "es": ("Pulse el botón", "Gracias", "ha caducado"),
    "pt": ("Prima o botão", "Obrigado", "expirou"),
}


def _text(page: str) -> str:
    """What people read and screen readers say."""
    body = page.partition("<body")[2].partition(">")[2]
    return page.partition("<title>")[2].partition("</title>")[0] + re.sub(
        r"<[^>]*>", " ", body
    )


@pytest.mark.parametrize("language", Language.values)
def test_the_page_speaks_the_language_of_the_letter(
    language: str, ama: Customer, officer: User, deliver: Deliver
) -> None:
    asked: dict[str, Any] = {"channel": "email", "language": language}
    set_preference(ama.pk, **asked, by=officer, reason="Asked")
    ask_verification(EMAIL, email_of(ama).pk, by=officer)
    deliver()
    link, client = link_in_mail(), Client()
    # The letter is written; what they wish for later changes no page of it.
    other = "en" if language == "fr" else "fr"
    later: dict[str, Any] = {"channel": "email", "language": other}
    set_preference(ama.pk, **later, by=officer, reason="Asked")
    asks: tuple[Any, ...] = (client.get, client.post, client.get)
    for ask, word in zip(asks, WORDS[language], strict=True):
        page = ask(link).content.decode()
        assert word in page
        assert f'<html lang="{language}">' in page
        if language != "en":
            assert not ENGLISH.findall(_text(page).replace(ama.tenant.name, "")), page


def test_a_forged_link_answers_in_english() -> None:
    page = Client().get("/contacts/confirm/forged/")
    assert page.status_code == 410
    assert '<html lang="en">' in page.content.decode()
