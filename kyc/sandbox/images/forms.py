"""The part of the applicant's form where files are attached."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField

from kyc.sandbox.images.files import (
    KINDS_OF_COMPANY,
    KINDS_OF_PERSON,
    MAX_FILE_BYTES,
    AttachedImage,
    NotAnImageError,
    looked_at,
)
from kyc.sandbox.models import SandboxApplicant

ROWS = 4
# All rows full, and the typed details around them.
MAX_REQUEST_BYTES = ROWS * MAX_FILE_BYTES + 1024 * 1024


class ImagesForm(forms.Form):
    """Up to four files, each with the kind of document it shows."""

    def __init__(
        self, applicant: SandboxApplicant, typed: Any = None, files: Any = None
    ) -> None:
        super().__init__(typed, files, label_suffix="")
        kinds = KINDS_OF_COMPANY if applicant.is_company else KINDS_OF_PERSON
        for row in range(1, ROWS + 1):
            self.fields[f"file_{row}"] = forms.FileField(
                label=f"File {row}",
                required=False,
                allow_empty_file=True,  # refused below, with its name
                widget=forms.FileInput(
                    attrs={"accept": ".pdf,.jpg,.jpeg,.png", "data-limit": "25"}
                ),
            )
            self.fields[f"kind_{row}"] = forms.ChoiceField(
                label=f"File {row} shows", choices=kinds, required=False
            )
        self._attached: list[AttachedImage] = []

    def rows(self) -> Iterator[tuple[BoundField, BoundField]]:
        """Yield the pairs of fields: file and kind."""
        for row in range(1, ROWS + 1):
            yield self[f"file_{row}"], self[f"kind_{row}"]

    def clean(self) -> dict[str, Any]:
        """Look at each file; what is no document gets its sentence beside it."""
        for row in range(1, ROWS + 1):
            if file := self.cleaned_data.get(f"file_{row}"):
                self._look_at(row, file)
        return self.cleaned_data

    def _look_at(self, row: int, file: Any) -> None:
        kind = self.cleaned_data.get(f"kind_{row}")
        if not kind:
            self.add_error(f"kind_{row}", f"Say what “{file.name}” shows.")
            return
        try:
            self._attached.append(looked_at(file, kind))
        except NotAnImageError as error:
            self.add_error(f"file_{row}", str(error))

    def attached(self) -> list[AttachedImage]:
        """Return the files of a valid form."""
        return self._attached
