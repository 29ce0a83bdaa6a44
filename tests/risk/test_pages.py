"""The checklist, the history, the panel and the list of countries, over HTTP."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from common.keys import new_id
from customers.registry.models import Customer
from customers.risk.models import Assessment, CountryRisk
from customers.risk.services import pack_of
from tenants.models import Tenant, User
from tenants.roles import Role
from tenants.services import change_policy
from tests.conftest import COMPANY_DETAILS, ClientAs, MakeCustomer, MakeStaff
from tests.risk.conftest import HOME, Assess, all_low

pytestmark = pytest.mark.django_db
COMPANY: dict[str, Any] = {
    "customer_type": "PRIVATE_COMPANY",
    "entity_type": "body_corporate",
    "details": {**COMPANY_DETAILS, "country": "HTI"},
}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
AGE = re.compile(r"\b\d+ (s|min) ago\b")


def url_of(name: str, row: Any) -> str:
    return reverse(f"admin:{name}", args=[row.pk])


def filled(customer: Customer, do: str, **said: str) -> dict[str, Any]:
    """What a browser posts; factors may be said by their key."""
    answers = all_low(customer)
    own = {key: value for key, value in said.items() if key not in answers}
    answers |= {key: value for key, value in said.items() if key in answers}
    return {
        "assessment_id": new_id(), "pack_version": pack_of(customer).version, "do": do,
        "country_justification": HOME,
        **{f"factor_{key}": value for key, value in answers.items()}, **own,
    }  # fmt: skip


# --- assess -----------------------------------------------------------------------
def test_the_checklist_asks_by_group_and_prefills_the_index(
    desk: Client, make_customer: MakeCustomer
) -> None:
    page = desk.get(url_of("risk_assess", make_customer(**COMPANY)))
    html = page.content.decode()
    heads = [">Services<", ">Customer<", ">Delivery channels<", ">Countries<"]
    assert [html.index(head) for head in heads] == sorted(map(html.index, heads))
    assert "Haiti: 7.92, high (Basel AML Index 2024)" in html
    checked = re.findall(r'name="(\w+)" value="(\w+)"[^>]* checked', html)
    assert checked == [("factor_country", "high")]
    assert "no-store" in page.headers["Cache-Control"]


def test_a_country_without_a_score_is_left_to_a_person(
    desk: Client, make_customer: MakeCustomer
) -> None:
    html = desk.get(url_of("risk_assess", make_customer())).content.decode()
    assert "Ghana: no score is shipped, so rate it by hand" in html
    assert "Basel AML Index 2024: up to 5 is low, up to 6 medium, above high" in html
    assert "There is no score for Ghana. Low and N/A need a justification" in html
    assert " checked" not in html


def test_where_each_country_has_a_score_no_justification_is_asked_for(
    desk: Client, make_customer: MakeCustomer
) -> None:
    html = desk.get(url_of("risk_assess", make_customer(**COMPANY))).content.decode()
    assert "country_justification" not in html


def test_low_without_a_word_is_refused_on_the_page(
    desk: Client, make_customer: MakeCustomer
) -> None:
    customer = make_customer()
    for do in ("preview", "record"):
        body = filled(customer, do, country_justification="")
        html = desk.post(url_of("risk_assess", customer), body).content.decode()
        assert (
            "there is no score for Ghana, so below medium it needs a justification"
            in html
        )
        assert "What it gives" not in html
    assert not Assessment.objects.exists()
    desk.post(url_of("risk_assess", customer), filled(customer, "record"))
    made = Assessment.objects.get()
    html = desk.get(url_of("risk_assessment_change", made)).content.decode()
    assert HOME in html


def test_working_it_out_saves_nothing(
    desk: Client, make_customer: MakeCustomer
) -> None:
    customer = make_customer()
    url = url_of("risk_assess", customer)
    page = desk.post(url, filled(customer, "preview", distance="high"))
    html = page.content.decode()
    assert "What it gives" in html
    assert "Enhanced CDD" in html
    assert not Assessment.objects.exists()
    why = {"override": "medium", "justification": "Seen"}
    page = desk.post(url, filled(customer, "preview", distance="high", **why))
    assert "instead of" in page.content.decode()
    assert not Assessment.objects.exists()


def test_recording_leads_back_and_twice_is_once(
    desk: Client, make_customer: MakeCustomer
) -> None:
    customer = make_customer()
    body = filled(customer, "record", distance="medium", intermediary="medium")
    for _ in range(2):
        answer = desk.post(url_of("risk_assess", customer), body)
        assert answer.status_code == 302
        assert answer["Location"] == url_of("registry_customer_change", customer)
    assert Assessment.objects.get().final == "medium"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"distance": ""}, "Choose a rating."),
        ({"distance": "na"}, "Choose a rating of the list."),
        ({"override": "high"}, "Say why the rating is not what the factors say."),
        ({"justification": "I know them"}, "You wrote a justification; choose"),
        ({"override": "low", "justification": "Same"}, "The rating is low already."),
        ({"override": "high", "justification": "x" * 1001}, "at most 1,000 characters"),
        ({"pack_version": "1"}, "The checklist changed meanwhile; begin it anew."),
        ({"assessment_id": "none"}, "valid UUID"),
    ],
)
def test_what_is_wrong_is_said_on_the_page(
    said: dict[str, str], sentence: str, desk: Client, make_customer: MakeCustomer
) -> None:
    customer = make_customer()
    answer = desk.post(
        url_of("risk_assess", customer), filled(customer, "record", **said)
    )
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not Assessment.objects.exists()


def test_the_index_cannot_be_undercut_on_the_page(
    desk: Client, make_customer: MakeCustomer
) -> None:
    customer = make_customer(**COMPANY)
    for do in ("preview", "record"):
        answer = desk.post(url_of("risk_assess", customer), filled(customer, do))
        assert "it may not be below high" in answer.content.decode()
    assert not Assessment.objects.exists()


def test_a_jeweller_is_told_whom_to_refer(
    desk: Client, make_customer: MakeCustomer, demo_bank: Tenant, officer: User
) -> None:
    change_policy(demo_bank.pk, by=officer, reason="Other sector", pack="jeweller")
    company = make_customer(tenant=Tenant.objects.get(pk=demo_bank.pk), **COMPANY)
    html = desk.get(url_of("risk_assess", company)).content.decode()
    assert "is referred: that is not a designated service" in html
    assert "Bullion and loose stones" in html


def test_the_routing_stands_in_the_panel_and_in_the_record(
    desk: Client, make_customer: MakeCustomer, demo_bank: Tenant, officer: User,
    assess: Assess,
) -> None:  # fmt: skip
    change_policy(demo_bank.pk, by=officer, reason="Other sector", pack="jeweller")
    bank = Tenant.objects.get(pk=demo_bank.pk)
    company, person = make_customer(tenant=bank, **COMPANY), make_customer(tenant=bank)
    page = url_of("registry_customer_change", company)
    words, why = "Electronic payments are referred", "that is not a designated service"
    html = desk.get(page).content.decode()
    assert words in html
    assert "Not assessed yet." in html
    made = assess(company, country="high")
    html = desk.get(page).content.decode()
    assert html.count(words) == 1
    assert "Not assessed yet." not in html
    change_policy(demo_bank.pk, by=officer, reason="Another sector", pack="bank")
    version = made.history.get()
    of_version = [made.pk, version.history_id]
    for url in (
        url_of("risk_assessment_change", made),
        reverse("admin:risk_assessment_simple_history", args=of_version),
    ):
        html = desk.get(url).content.decode()
        assert words in html
        assert why in html
    page = url_of("registry_customer_change", person)
    assert words not in desk.get(page).content.decode()


# --- look -------------------------------------------------------------------------
def test_the_panel_says_rating_depth_and_review(
    desk: Client, make_customer: MakeCustomer, assess: Assess
) -> None:
    customer = make_customer()
    page = url_of("registry_customer_change", customer)
    assert "Not assessed yet." in desk.get(page).content.decode()
    assess(customer, distance="high")
    html = desk.get(page).content.decode()
    assert "Enhanced CDD" in html
    assert url_of("risk_comparison", customer) in html


def test_assessments_stand_side_by_side(
    desk: Client, make_customer: MakeCustomer, assess: Assess
) -> None:
    customer = make_customer()
    assert (
        "Not assessed yet."
        in desk.get(url_of("risk_comparison", customer)).content.decode()
    )
    for answer in ("low", "high", "medium", "low", "low", "high"):
        assess(customer, distance=answer)
    html = desk.get(url_of("risk_comparison", customer)).content.decode()
    assert html.count('<th scope="col"><a') == 5
    assert "1 older" in html
    assert re.search(r"Never met in person <span[^>]*>.changed", html)
    assert not re.search(r"Adverse reports <span[^>]*>.changed", html)


def test_an_answer_of_an_older_pack_is_still_told(
    desk: Client, make_customer: MakeCustomer, assess: Assess
) -> None:
    customer = make_customer()
    made = assess(customer)
    answers = {"bearer_shares": "high", **made.answers}
    Assessment.objects.filter(pk=made.pk).update(answers=answers)
    for page in (
        url_of("risk_comparison", customer), url_of("risk_assessment_change", made)
    ):  # fmt: skip
        assert "Bearer shares" in desk.get(page).content.decode()


def test_override_in_a_dialog(
    desk: Client, make_customer: MakeCustomer, assess: Assess
) -> None:
    made = assess(make_customer(), distance="high")
    url = url_of("risk_assessment_override", made)
    press = {"_form_submitted": "on", "override": "low"}
    assert "Say why" in desk.post(url, press).content.decode()
    assert desk.post(url, {**press, "justification": "Met"}).status_code == 302
    html = desk.get(url_of("risk_assessment_change", made)).content.decode()
    assert "overridden, high by the factors" in html
    versions = desk.get(url_of("risk_assessment_history", made))
    assert "Met" in versions.content.decode()


def test_the_list_of_countries(make_staff: MakeStaff, client_as: ClientAs) -> None:
    desk = client_as(make_staff(Role.ADMINISTRATOR))
    press = {"_form_submitted": "on", "country": "FIN", "reason": "A list"}
    url = reverse("admin:risk_countryrisk_rate")
    assert desk.post(url, {**press, "rating": "high"}).status_code == 302
    page = reverse("admin:risk_countryrisk_changelist")
    html = desk.get(page).content.decode()
    assert "Finland" in html
    assert "3.07, low" in html
    assert desk.post(url, {**press, "rating": "index"}).status_code == 302
    assert CountryRisk.objects.get().rating == ""
    assert "By the index" in desk.get(page).content.decode()


# --- who may ----------------------------------------------------------------------
def test_the_front_line_sees_no_trace(
    make_staff: MakeStaff, client_as: ClientAs, make_customer: MakeCustomer,
    assess: Assess,
) -> None:  # fmt: skip
    customer = make_customer(verified=True)
    pages = [
        url_of("registry_customer_change", customer),
        url_of("registry_customer_timeline", customer),
        reverse("admin:registry_customer_changelist"),
        reverse("admin:index"),
    ]

    def look(client: Client) -> list[str]:
        cache.clear()  # the counts beside the sidebar
        found = [client.get(page).content.decode() for page in pages]
        return [AGE.sub("", TOKEN.sub("", html)) for html in found]

    clients = [client_as(make_staff(role)) for role in ("client_facing", "teller")]
    before = [look(client) for client in clients]
    assess(customer, distance="high")
    assert [look(client) for client in clients] == before
    auditor = client_as(make_staff(Role.AUDITOR))
    assert "Enhanced CDD" in look(auditor)[0]


MAY_LOOK = {"compliance_officer", "senior_manager", "governing_body", "auditor"}


@pytest.mark.parametrize("role", list(Role))
def test_who_may_look_and_assess(
    role: Role, make_staff: MakeStaff, client_as: ClientAs,
    make_customer: MakeCustomer, assess: Assess,
) -> None:  # fmt: skip
    customer = make_customer()
    made, client = assess(customer), client_as(make_staff(role))
    looked = {
        client.get(url).status_code
        for url in (
            url_of("risk_comparison", customer), url_of("risk_assessment_change", made),
            reverse("admin:risk_assessment_changelist"),
        )
    }  # fmt: skip
    assert looked == ({200} if role in MAY_LOOK else {403})
    body = filled(customer, "record", distance="high")
    answer = client.post(url_of("risk_assess", customer), body)
    assert answer.status_code == (302 if role == "compliance_officer" else 403)
    assert Assessment.objects.filter(final="high").exists() is (
        role == "compliance_officer"
    )


def test_another_bank_finds_nobody(
    make_staff: MakeStaff, client_as: ClientAs, make_customer: MakeCustomer,
    assess: Assess, second_bank: Tenant,
) -> None:  # fmt: skip
    customer = make_customer()
    made = assess(customer)
    stranger = client_as(make_staff("compliance_officer", tenant=second_bank))
    urls = [
        url_of("risk_assess", customer), url_of("risk_comparison", customer),
        url_of("risk_assessment_change", made), url_of("risk_assessment_history", made),
        url_of("risk_assessment_override", made),
    ]  # fmt: skip
    assert {stranger.get(url).status_code for url in urls} == {404}
    body = filled(customer, "record", distance="high")
    assert stranger.post(urls[0], body).status_code == 404
    press = {"_form_submitted": "on", "override": "high", "justification": "Mine"}
    assert stranger.post(urls[4], press).status_code == 404
    assert Assessment.objects.get().final == "low"
