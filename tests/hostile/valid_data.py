"""A check for schemathesis, which loads this file: what the document calls valid is accepted.

It is schemathesis' own, but for values of which no schema can say that they name nothing.
"""

import re

import schemathesis
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.specs.openapi.checks import positive_data_acceptance

NAMES_NOTHING = re.compile(
    # A pattern for letters of every script is not understood alike by those who read documents.
    r"no letter or digit|at least one letter or digit|Name a song: this is empty"
    # Names and aliases are taken in any spelling.
    r"|There is no genre"
    # Ids stand alone or in addresses of many shapes.
    r"|not the address or id of a YouTube playlist|links? to YouTube|of YouTube|by YouTube"
)


@schemathesis.check
def valid_data_is_accepted(ctx, response, case) -> bool | None:
    """Raise ``RejectedPositiveData`` for valid data that was refused as if it were not."""
    try:
        return positive_data_acceptance(ctx, response, case)
    except RejectedPositiveData:
        if response.status_code == 400 and NAMES_NOTHING.search(response.text):
            return None
        raise
