"""Pages about the site itself, and its theme."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from music.pages.context import THEME_COOKIE, THEMES
from music.pages.errors import public_page
from music.pages.redirects import go_back

THEME_MAX_AGE = timedelta(days=365)


@require_safe
@public_page
def about(request: HttpRequest) -> HttpResponse:
    """Explain how suggestions come about, and where the songs come from."""
    return render(request, "music/about.html")


@require_safe
@public_page
def privacy(request: HttpRequest) -> HttpResponse:
    """Explain what is stored, for how long, and YouTube's terms."""
    return render(request, "music/privacy.html")


@require_safe
@public_page
def favicon(request: HttpRequest) -> HttpResponse:
    """Redirect programs that do not read pages to the site's icon."""
    return redirect(static("img/favicon.ico"))


@require_POST
@public_page
def theme(request: HttpRequest) -> HttpResponse:
    """Store a light or dark theme in a cookie; without one the page follows the system."""
    response = go_back(request, reverse("home"))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE,
            chosen,
            max_age=THEME_MAX_AGE,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response
