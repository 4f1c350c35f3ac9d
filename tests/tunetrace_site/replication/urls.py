"""The site's routes, and a few views that do to databases what real ones could."""

import json

from allauth.account.adapter import get_adapter as get_account_adapter
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from accounts.models import User
from tunetrace_site.replication.unit import current_alias, manages_own_units, unit_of_work
from tunetrace_site.urls import urlpatterns as site_urlpatterns

during_next_view = []


def rename(request: HttpRequest) -> HttpResponse:
    """Change the signed-in listener; a test may break a database in the middle."""
    name = json.loads(request.body)["name"]
    request.user.display_name = f"{request.user.display_name}{name}"
    request.session["renamed"] = request.session.get("renamed", 0) + 1
    while during_next_view:
        during_next_view.pop()()
    request.user.save(update_fields=["display_name"])
    return JsonResponse({"name": request.user.display_name, "database": current_alias()})


def whoami(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"user_id": str(request.user.pk), "database": current_alias()})


def half_done(request: HttpRequest) -> HttpResponse:
    get_user_model().objects.make_guest().save()
    return HttpResponse(status=int(request.POST["status"]))


def mail(request: HttpRequest) -> HttpResponse:
    get_account_adapter().send_mail("account/email/unknown_account", "a@example.org", {})
    return half_done(request)


@manages_own_units
def two_units(request: HttpRequest) -> HttpResponse:
    with unit_of_work():
        User.objects.get_or_create(user_id="first")
    while during_next_view:
        during_next_view.pop()()
    with unit_of_work():
        User.objects.get_or_create(user_id="second")
    return JsonResponse({"database": current_alias()})


def writes_on_get(request: HttpRequest) -> HttpResponse:
    User.objects.get_or_create(user_id="visitor")
    return HttpResponse("seen")


def counts_visits(request: HttpRequest) -> HttpResponse:
    request.session["visits"] = request.session.get("visits", 0) + 1
    return HttpResponse(request.session["visits"])


urlpatterns = [
    path("test/counts-visits", counts_visits),
    path("test/rename", rename),
    path("test/whoami", whoami),
    path("test/half-done", half_done),
    path("test/mail", mail),
    path("test/two-units", two_units),
    path("test/writes-on-get", writes_on_get),
    *site_urlpatterns,
]
