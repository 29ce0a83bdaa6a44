"""Ratings as shape and word, and what follows from one in a line."""

from common.face import Label, Tone, day, due
from customers.registry.choices import Risk
from customers.risk.choices import Answer
from customers.risk.models import Assessment

_TONES: dict[str, Tone] = {
    Answer.HIGH: "high",
    Answer.MEDIUM: "medium",
    Answer.LOW: "low",
    Answer.NOT_APPLICABLE: "quiet",
}


def answer_label(answer: str) -> Label:
    return Label(str(Answer(answer).label), _TONES[answer])


def rating_label(rating: str) -> Label:
    return Label(str(Risk(rating).label), _TONES[rating])


def basis(assessment: Assessment) -> str:
    """By what the rating came: the factors, or somebody who overruled them."""
    if not assessment.override:
        return "by the factors"
    return f"overridden, {assessment.get_computed_display().lower()} by the factors"


def review_label(assessment: Assessment) -> Label:
    """When somebody must look again; a superseded one waits for nobody."""
    if not assessment.is_current:
        return Label("Superseded", "ended")
    found = due(assessment.review_due_on)
    word = found.word if found.tone != "wait" else day(assessment.review_due_on)
    return Label(word, "quiet" if found.tone == "wait" else found.tone, found.title)
