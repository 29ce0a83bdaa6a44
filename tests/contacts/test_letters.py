"""Every letter in every language: complete, no English left, dates as they write."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.template import engines
from pytest import MonkeyPatch

from customers.contacts.choices import Language
from documents.choices import IdType, Kind
from events.mail import Letter, compose_letter, write_letter

FOLDER = Path(str(settings.TEMPLATES[0]["DIRS"][0]))
WRITTEN = sorted(
    str(file.relative_to(FOLDER)).removesuffix(".en.txt")
    for file in FOLDER.rglob("*.en.txt")
)
SUBJECTS = {
    "contacts/confirm_email": ("confirm", "confirmer", "Confirme", "Confirme"),
    "documents/ask_again": ("expires soon", "expire bientôt", "caduca pronto",
                            "caduca em breve"),
    "kyc/expiry_reminder": ("renew", "renouveler", "renueve", "renove"),
    "onboarding/welcome": ("Welcome", "Bienvenue", "bienvenida", "boas-vindas"),
    "tiers/deadline_warning": ("complete", "terminer", "complete", "conclua"),
}  # fmt: skip
DAY = {"en": "3 Feb 2027", "fr": "3 février 2027", "es": "3 de febrero de 2027",
       "pt": "3 de Fevereiro de 2027"}  # fmt: skip
# Words of every English letter, which stand in no other language.
ENGLISH = re.compile(r"(?i)\b(the|your|you|and|please|we|is|with|before|valid)\b")
FACTS: dict[str, Any] = {
    "bank": "Bänk & Söhne", "customer": SimpleNamespace(name="Zoë <b>O’Neill</b>"),
    "expires_on": date(2027, 2, 3), "due_on": date(2027, 2, 3), "paper": "passport",
    "code": "012345", "url": "https://bank.example/x", "login_name": "zoe@mail.example",
    "password": "s3cret", "sign_in_url": "https://bank.example/in",
}  # fmt: skip
CASES = [(name, language) for name in WRITTEN for language in Language.values]


@pytest.fixture(autouse=True)
def _name_what_is_missing(monkeypatch: MonkeyPatch) -> None:
    engine: Any = engines["django"]
    monkeypatch.setattr(engine.engine, "string_if_invalid", "MISSING<%s>")


def _all(letter: Letter) -> str:
    return f"{letter.subject}\n{letter.sms}\n{letter.text}"


def test_all_letters_are_known() -> None:
    assert set(WRITTEN) == {*SUBJECTS, "contacts/phone_code"}
    for name in WRITTEN:
        found = {file.name.split(".")[1] for file in FOLDER.glob(f"{name}.*.txt")}
        assert found == set(Language.values), name


@pytest.mark.parametrize(("name", "language"), CASES)
def test_a_letter_is_complete_in_its_language(name: str, language: str) -> None:
    letter = write_letter(name, language, FACTS)
    said = _all(letter)
    assert letter.language == language
    assert "MISSING" not in said
    assert "{" not in said
    assert "Bänk & Söhne" in said
    if language != "en":
        assert not ENGLISH.findall(said), said
    if name in SUBJECTS:
        place = Language.values.index(language)
        assert SUBJECTS[name][place] in letter.subject
        assert letter.text.count("\n") > 5
    if "Zoë" in said:
        assert "Zoë <b>O’Neill</b>" in said
    if name.split("/", maxsplit=1)[0] in ("kyc", "tiers", "documents"):
        assert DAY[language] in letter.text
        assert DAY[language] in letter.sms
        assert "http" not in said


@pytest.mark.parametrize("language", Language.values)
def test_no_secret_and_no_name_goes_by_sms(language: str) -> None:
    for name in SUBJECTS:
        letter = write_letter(name, language, FACTS)
        for word in ("s3cret", "Zoë", "zoe@", "http"):
            assert word not in letter.sms
        assert len(letter.sms) <= 240, name  # two of those that networks pass on
    code = write_letter("contacts/phone_code", language, FACTS)
    assert "012345" in code.sms
    assert not code.text.strip()


@pytest.mark.parametrize("language", Language.values)
def test_every_paper_has_a_name(language: str) -> None:
    papers = {*IdType.values, *Kind.values}
    said = {
        write_letter("documents/ask_again", language, {**FACTS, "paper": p}).text
        for p in papers
    }
    assert len(said) == len(papers)
    assert not any("“”" in text or "«»" in text or "«  »" in text for text in said)


@pytest.mark.parametrize("language", ["", "de", "xx-yy", "../en"])
def test_a_language_nobody_writes_gets_english(language: str) -> None:
    letter = write_letter("kyc/expiry_reminder", language, FACTS)
    assert letter.language == "en"
    assert "3 Feb 2027" in letter.text


def test_what_was_typed_makes_no_line_of_its_own() -> None:
    bank = "Bank\nSMS: pay here\n\nBcc: all@mail.example"
    letter = write_letter("kyc/expiry_reminder", "en", {**FACTS, "bank": bank})
    mail = compose_letter("ama@mail.example", letter)
    assert "\n" not in mail.subject
    assert mail.message()["Bcc"] is None
    assert letter.sms.startswith("Bank SMS: pay here")


def test_amounts_are_written_as_the_language_does(
    monkeypatch: MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sum.en.txt").write_text("Subject: x\n\n{{ sum }}\n")
    (tmp_path / "sum.fr.txt").write_text("Subject: x\n\n{{ sum }}\n")
    engine: Any = engines["django"]
    monkeypatch.setattr(engine.engine, "dirs", [str(tmp_path)])
    for loader in engine.engine.template_loaders:
        getattr(loader, "reset", lambda: None)()
    said = [write_letter("sum", each, {"sum": Decimal("12.50")}) for each in
            ("en", "fr")]  # fmt: skip
    assert [letter.text.strip() for letter in said] == ["12.50", "12,50"]
