"""What stands in the addresses of the API that no call of it has."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class Rest(StringConverter):
    """Takes all that is left of an address; unlike Django's ``path``, line breaks too."""

    regex = r"[\s\S]+"


REST = "rest"
"""The name of the converter in patterns."""

register_converter(Rest, REST)
