"""A gateway as a bank would plug it in: it says what a test lets it say."""

from typing import ClassVar

from customers.checks.gateways.asking import Answer, Pending, Question


class Agency:
    """`says` are its answers in turn, the last one again and again."""

    says: ClassVar[list[object]] = []
    asked: ClassVar[list[Question]] = []

    def ask(self, question: Question) -> Answer | Pending:
        self.asked.append(question)
        said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if isinstance(said, Exception):
            raise said
        return said  # type: ignore[return-value]  # tests let it say anything


AGENCY = f"{Agency.__module__}.{Agency.__name__}"
