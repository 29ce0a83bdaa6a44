"""The sidebar: who is led where."""

import pytest
from django.urls import reverse

from common import worklist
from config.navigation import SECTIONS
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


def test_every_queue_of_a_desk_is_counted_beside_an_item() -> None:
    """A desk that no item names would be counted for nobody."""
    named = {item.desk for _, items in SECTIONS for item in items}
    counted = {queue.desk for queue in worklist._queues.values()}
    assert named == counted
