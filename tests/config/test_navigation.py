"""The sidebar: who is led where."""

import pytest
from django.urls import reverse

from tenants.roles import Role
from tests.conftest import ClientAs, MakeStaff

pytestmark = pytest.mark.django_db
LINK = 'href="/api/docs/"'


@pytest.mark.parametrize("role", Role)
def test_the_routes_are_shown_to_those_who_may_use_them_by_token(
    make_staff: MakeStaff, client_as: ClientAs, role: Role
) -> None:
    staff = make_staff(role.value)
    client, may = client_as(staff), staff.has_perm("api.create_token")
    page = client.get(reverse("admin:index")).content.decode()
    assert (LINK in page) == may
    if may:
        answer = client.get(reverse("api_docs"))
        assert answer.status_code == 200
        assert "API routes" in answer.content.decode()


def test_who_has_no_role_is_not_led_there(
    make_staff: MakeStaff, client_as: ClientAs
) -> None:
    page = client_as(make_staff()).get(reverse("admin:index")).content.decode()
    assert "Log out" in page
    assert LINK not in page
