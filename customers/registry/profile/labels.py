"""The answers of a profile in words, also those whose code is retired."""

from customers.registry.models import Customer, DictionaryEntry, Profile
from customers.registry.profile.questions import asked_of


def answers_in_words(customer: Customer, profile: Profile | None) -> dict[str, str]:
    """Each answer as staff read it, by column; "" where there is none."""
    asked = asked_of(customer)
    given = {q.key: str(getattr(profile, q.key, "")) for q in asked}
    known = _labels(customer, [code for code in given.values() if code])
    words = {}
    for question in asked:
        text = given[question.key]
        if question.dictionary:
            text = known.get((question.dictionary, text), text)
        elif question.closed:
            text = str(dict(question.closed.choices).get(text, text))
        words[question.key] = text
    return words


def _labels(customer: Customer, codes: list[str]) -> dict[tuple[str, str], str]:
    if not codes:
        return {}
    rows = DictionaryEntry.objects.for_tenant(customer.tenant_id).filter(code__in=codes)
    listed = rows.values_list("dictionary", "code", "label", "is_active")
    return {
        (dictionary, code): label if is_active else f"{label} (retired)"
        for dictionary, code, label, is_active in listed
    }
