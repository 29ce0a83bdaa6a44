"""Refuse patterns that could search for ages; a count, not a guess, decides.

Answers come from outside, so a pattern must be bounded whatever is typed. The ways in
which one can match are counted on its own text: each repeat multiplies them. A pattern
with few ways cannot run away, as every step back takes another of them.
"""

import re

# As long as the longest answer the registry takes; `*` and `+` count as that many.
LONGEST_ANSWER = 1000  # characters
MOST_WAYS = 10_000
LONGEST_PATTERN = 200  # characters
REPEAT = re.compile(r"\{([0-9]*)(?:(,)([0-9]*))?\}")
CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")


class UnsafePatternError(ValueError):
    """The pattern, though Python reads it, is not one we run on answers."""


def refuse_unsafe(pattern: str) -> None:
    """Raise UnsafePatternError, or re.error where it is no pattern at all."""
    if len(pattern) > LONGEST_PATTERN:
        raise UnsafePatternError(f"it is longer than {LONGEST_PATTERN} characters")
    re.compile(pattern)
    counter = _Counter(pattern)
    if counter.alternatives() > MOST_WAYS:
        raise UnsafePatternError("it can match in too many ways; bound its repeats")


class _Counter:
    """Walks over a pattern that compiles and counts the ways in which it may match."""

    def __init__(self, pattern: str) -> None:
        self.pattern, self.place = pattern, 0

    @property
    def rest(self) -> str:
        return self.pattern[self.place :]

    def alternatives(self) -> int:
        ways = self.sequence()
        while self.rest.startswith("|"):
            self.place += 1
            ways += self.sequence()
        return ways

    def sequence(self) -> int:
        ways = 1
        while self.rest and self.rest[0] not in "|)":
            # Capped, so that no pattern makes a number of a million digits.
            ways = min(ways * self.repeated(self.atom()), MOST_WAYS + 1)
        return ways

    def atom(self) -> int:
        """Step over one atom; a group has the ways of what it holds."""
        if self.rest.startswith("("):
            return self.group()
        if self.rest.startswith("\\"):
            if self.rest[1:2].isdigit():
                raise UnsafePatternError("it refers back to a group")
            self.place += 2
        elif self.rest.startswith("["):
            found = CLASS.match(self.rest)
            self.place += found.end() if found else 1
        else:
            self.place += 1
        return 1

    def group(self) -> int:
        self.place += 1
        if self.rest.startswith("?"):
            if not self.rest.startswith("?:"):
                raise UnsafePatternError("it looks ahead, names a group or sets a flag")
            self.place += 2
        ways = self.alternatives()
        self.place += 1  # the closing bracket
        return ways

    def repeated(self, ways: int) -> int:
        """The ways of an atom together with the repeat that follows it, if any."""
        least, most = self.bounds()
        if (least, most) == (1, 1):
            return ways
        if self.rest[:1] in ("?", "+", "*"):
            raise UnsafePatternError("it has a lazy or possessive repeat")
        if ways == 1:
            return most - least + 1
        # Each number of rounds, and in each round each way of what is repeated.
        exponent = min(most, MOST_WAYS.bit_length())
        rounds: int = ways**exponent
        return min((most - least + 1) * rounds, MOST_WAYS + 1)

    def bounds(self) -> tuple[int, int]:
        sign = self.rest[:1]
        if sign and sign in "?*+":
            self.place += 1
            return int(sign == "+"), 1 if sign == "?" else LONGEST_ANSWER
        found = REPEAT.match(self.rest)
        if found is None or found[0] == "{}":  # two plain characters to Python too
            return 1, 1
        self.place += found.end()
        least = int(found[1] or 0)
        if not found[2]:
            return least, least
        return least, int(found[3] or LONGEST_ANSWER)
