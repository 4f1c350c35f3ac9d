"""The filters of a listener's list of suggestions, and the songs that they give."""

from collections.abc import Collection

from django.http import HttpRequest
from django.http.request import QueryDict

from accounts.models import User
from music.domain.filters import Filters, list_languages
from music.domain.songs import list_genres
from music.domain.suggestions import suggest_for_listener, suggest_popular
from music.records import SuggestionList

from .list_forms import FilterForm


def read_wishes(values: QueryDict) -> FilterForm:
    """Return the filters of a query string or of a posted form."""
    return FilterForm(
        {"adventure": 50} | values.dict(),
        genres=[genre.name for genre in list_genres()],
        languages=list_languages(),
    )


def suggest(
    listener: User | None, form: FilterForm, *, n: int | None = None, without: Collection[str] = ()
) -> SuggestionList:
    """Return suggestions for a valid ``form``, without the songs ``without``.

    ``n`` overrides the number that the form asks for.
    """
    wanted = form.cleaned_data
    asked = {
        "genre": wanted["genre"],
        "limit": n or wanted["limit"],
        "like": wanted["like"],
        "adventurousness": wanted["adventure"] / 100,
        "filters": Filters(
            decade=wanted["decade"],
            mood=wanted["mood"],
            language=wanted["language"],
            plays=wanted["plays"],
            without=frozenset(without),
        ),
    }
    if listener is None:
        return suggest_popular(**asked)
    return suggest_for_listener(listener=listener, **asked)


def read_shown(request: HttpRequest) -> list[str]:
    """Return the addresses of the songs that a list shows already, as its script sends them."""
    return request.POST.getlist("shown")
