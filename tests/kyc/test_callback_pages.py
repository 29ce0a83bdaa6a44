"""Callbacks as staff read them: found by applicant, shown as text."""

import pytest

from tenants.models import User
from tests.conftest import ClientAs
from tests.house import keep, path_of, quarantined

pytestmark = pytest.mark.django_db


def test_a_body_is_shown_as_text(client_as: ClientAs, officer: User) -> None:
    evil = '</pre><script>alert("1")</script>'
    callback = quarantined(note=evil, type=evil[:20], correlationId="<img src=x>")
    client = client_as(officer)
    for path in (path_of("kyc_callback_change", callback.pk), path_of("kyc_desk"),
                 path_of("kyc_callback_changelist")):  # fmt: skip
        page = client.get(path).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x>" not in page
    page = client.get(path_of("kyc_callback_change", callback.pk)).content.decode()
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize("body", [b"\x00\xff[", b"[" * 60_000, b"[]", b""])
def test_an_unreadable_body_still_has_a_page(
    client_as: ClientAs, officer: User, body: bytes
) -> None:
    callback = keep(body)
    page = client_as(officer).get(path_of("kyc_callback_change", callback.pk))
    assert page.status_code == 200
    assert "We cannot read what was sent." in page.content.decode()


def test_search_by_applicant(client_as: ClientAs, officer: User) -> None:
    quarantined(applicantId="66aa00000000000000000011")
    quarantined(applicantId="66aa00000000000000000022")
    client, path = client_as(officer), path_of("kyc_callback_changelist")
    page = client.get(path, {"q": "66aa00000000000000000022"}).content.decode()
    assert 'title="66aa00000000000000000022"' in page
    assert 'title="66aa00000000000000000011"' not in page
