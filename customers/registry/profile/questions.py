"""What the profile asks of whom, and from which words an answer is chosen."""

from dataclasses import dataclass

from django.db import models

from customers.registry.models import (
    Customer,
    Dictionary,
    Gender,
    MaritalStatus,
    Profile,
    SourceOfFunds,
)

# Codes of the usual entries under which nobody has an employer or a trade.
WITHOUT_WORK = frozenset(["unemployed", "student", "retired", "homemaker"])
OF_WORK = frozenset(["employer_category", "industry"])


@dataclass(frozen=True)
class Question:
    """`key` is the column; answers are of a closed list, a dictionary, or text."""

    key: str
    label: str
    closed: type[models.TextChoices] | None = None
    dictionary: Dictionary | None = None

    @property
    def is_text(self) -> bool:
        return self.closed is None and self.dictionary is None


QUESTIONS = (
    Question("gender", "Gender", closed=Gender),
    Question("marital_status", "Marital status", closed=MaritalStatus),
    Question("education", "Education", dictionary=Dictionary.EDUCATION),
    Question("occupation", "Occupation"),
    Question("employment", "Employment", dictionary=Dictionary.EMPLOYMENT),
    Question(
        "employer_category",
        "Employer category",
        dictionary=Dictionary.EMPLOYER_CATEGORY,
    ),
    Question("industry", "Industry", dictionary=Dictionary.INDUSTRY),
    Question("income", "Income band", dictionary=Dictionary.INCOME),
    Question("source_of_funds", "Source of funds", closed=SourceOfFunds),
)


def asked_of(customer: Customer) -> tuple[Question, ...]:
    """The questions for a customer; what the pack's form asks is not asked twice."""
    if not customer.is_individual:
        return ()
    asked_already = {field.key for field in customer.pack_form.fields}
    return tuple(q for q in QUESTIONS if q.key not in asked_already)


def wanted_of(customer: Customer, profile: Profile | None) -> tuple[Question, ...]:
    """Those that count: an employer is not asked of whoever has none."""
    is_idle = profile is not None and profile.employment in WITHOUT_WORK
    asked = asked_of(customer)
    return tuple(q for q in asked if not (is_idle and q.key in OF_WORK))


def profile_of(customer: Customer) -> Profile | None:
    """The stored profile; read once for each customer object."""
    found: Profile | None = getattr(customer, "profile", None)
    return found
