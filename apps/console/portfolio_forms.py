"""Forms of the list of models: how it is shown, and the views of it that are kept."""

from django import forms

from apps.catalog.saved_views import MOST_NAME
from apps.console.queries.columns import COLUMNS
from apps.console.queries.seeking import SORTS, Search


class ViewForm(forms.Form):
    """In which order, and with which columns, the list is shown."""

    sort = forms.ChoiceField(label="Order", required=False)
    columns = forms.MultipleChoiceField(
        label="Columns",
        choices=[(column.key, column.label) for column in COLUMNS.values()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    @classmethod
    def of(cls, search: Search) -> "ViewForm":
        """Return the form with what the list shows now."""
        form = cls(initial={"sort": search.sort, "columns": search.columns}, auto_id="view_%s")
        sort = form.fields["sort"]
        assert isinstance(sort, forms.ChoiceField)
        usual = "Closest to the words" if Search(search.text).order == "closest" else ""
        sort.choices = [("", usual or SORTS["touched"]), *_besides_usual(usual)]
        return form


def _besides_usual(usual: str) -> list[tuple[str, str]]:
    """Return the orders to choose; the one the list has anyway stands for no choice."""
    return [(key, label) for key, label in SORTS.items() if usual or key != "touched"]


class SavedViewForm(forms.Form):
    """Under which name a view is kept."""

    name = forms.CharField(
        label="Name",
        max_length=MOST_NAME,
        error_messages={"required": "Give the view a name."},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, auto_id="saved_%s", **kwargs)  # type: ignore[arg-type, misc]
