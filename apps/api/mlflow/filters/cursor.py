"""A place in a text that only moves forward, and the refusal that points at it."""

from apps.core.inputs import InputRefused

MOST_CHARACTERS = 10_000

_DIGITS = frozenset("0123456789")
_AROUND = 40


class FilterRefused(InputRefused):
    """A filter or an order cannot be read; ``expected`` says what belongs at ``column``."""

    code = "filter_refused"

    def __init__(self, what: str, text: str, place: int, expected: str) -> None:
        self.text, self.column, self.expected = text, place + 1, expected
        start = max(0, place - _AROUND)
        shown = text[start : place + _AROUND]
        line = "".join(letter if letter.isprintable() else " " for letter in shown)
        super().__init__(
            f"{what} cannot be read at column {self.column}: expected {expected}.\n"
            f"{line}\n{' ' * (place - start)}^"
        )


class Cursor:
    """Reads a text from left to right, each character at most twice."""

    def __init__(self, text: str, what: str) -> None:
        self.text, self.what, self.place = text, what, 0
        if len(text) > MOST_CHARACTERS:
            raise self.refusal(f"at most {MOST_CHARACTERS:,} characters", at=MOST_CHARACTERS)
        if (place := text.find("\0")) >= 0:
            raise self.refusal("no NUL", at=place)
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise self.refusal("a whole character", at=error.start) from None

    def refusal(self, expected: str, *, at: int | None = None) -> FilterRefused:
        """Return the refusal that points here, or at an earlier place."""
        return FilterRefused(self.what, self.text, self.place if at is None else at, expected)

    @property
    def next(self) -> str:
        """The character here, or nothing at the end."""
        return self.text[self.place : self.place + 1]

    def is_at_end(self) -> bool:
        """Whether only space is left."""
        self.skip_space()
        return self.place == len(self.text)

    def skip_space(self) -> None:
        while self.next.isspace():
            self.place += 1

    def take(self, letter: str) -> bool:
        """Move past a character, if it stands here."""
        is_here = self.next == letter
        self.place += is_here
        return is_here

    def word(self) -> str:
        """Return the letters, digits and underscores that stand here."""
        start = self.place
        while self.next.isalnum() or self.next == "_":
            self.place += 1
        return self.text[start : self.place]

    def run_of(self, letters: str) -> str:
        """Return what stands here of some characters."""
        start = self.place
        while self.next and self.next in letters:
            self.place += 1
        return self.text[start : self.place]

    def number(self) -> str:
        """Return the decimal number that stands here, or nothing."""
        start = self.place
        self.take("-")
        digits = self._digits()
        if self.take("."):
            digits += self._digits()
        if digits and self.next in {"e", "E"}:
            self.place += 1
            self.run_of("+-")
            digits *= self._digits()
        if digits and not (self.next.isalnum() or self.next in {"_", "."}):
            return self.text[start : self.place]
        self.place = start
        return ""

    def quoted(self, marks: str) -> str | None:
        """Return what stands between quotation marks here, as it was written.

        As for MLflow, a mark that is doubled or follows a backslash does not end the text, and
        both characters stay part of it.
        """
        mark = self.next
        if not mark or mark not in marks:
            return None
        start = self.place + 1
        end = self._end_of_quoted(start, mark)
        if end is None:
            raise self.refusal(f"a closing {mark} for this one")
        self.place = end + 1
        return self.text[start:end]

    def _digits(self) -> int:
        start = self.place
        while self.next in _DIGITS:
            self.place += 1
        return self.place - start

    def _end_of_quoted(self, place: int, mark: str) -> int | None:
        """Return where the mark that ends the text stands: the last possible, if none is sure."""
        possible = None
        while (place := self.text.find(mark, place)) >= 0:
            is_escaped = self.text[place - 1] == "\\" and mark != "`"
            if not is_escaped and not self.text.startswith(mark, place + 1):
                return place
            possible, place = place, place + (1 if is_escaped else 2)
        return possible
