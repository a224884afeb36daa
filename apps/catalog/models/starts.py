"""The beginning of a text, short enough for an index of every database."""

from django.db.models import CharField, Func

LENGTH = 100


class Start(Func):
    """The first characters of a text. Their number stands in the SQL, as it does in an index."""

    function = "SUBSTR"
    template = f"%(function)s(%(expressions)s, 1, {LENGTH})"
    output_field = CharField()
