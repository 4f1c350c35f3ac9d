"""System checks that need two settings, or the routes: each with an id, the value and the fix.

They run with every management command, including ``manage.py serve``; those marked ``deploy`` only
with ``manage.py check --deploy``. What a single variable shows to be wrong stops in ``env.py``.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.module_loading import import_string

from . import env

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "::1", ".localhost", "testserver"})
OUR_PACKAGES = ("music.", "accounts.", "tunetrace_site.")
MIN_TOKEN_LENGTH = 16

Apps = Sequence[AppConfig] | None


def list_public_hosts() -> list[str]:
    """Return the names in ``ALLOWED_HOSTS`` that do not mean this machine."""
    return [host for host in settings.ALLOWED_HOSTS if host not in LOCAL_HOSTS]


def _uses_default_secret() -> bool:
    return settings.SECRET_KEY == settings.DEVELOPMENT_SECRET_KEY


@register(Tags.security)
def check_secret_key(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """Report the development key where others can reach the site.

    With a key that everybody knows they could sign sessions.
    """
    hosts = list_public_hosts()
    if settings.DEBUG or not hosts or not _uses_default_secret():
        return []
    return [
        Error(
            f"SECRET_KEY is the published default, and ALLOWED_HOSTS lets others in: {hosts}.",
            hint="Set SECRET_KEY to the output of: openssl rand -base64 48",
            id="tunetrace.E001",
        )
    ]


@register(Tags.security, deploy=True)
def check_secret_key_in_production(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """Require a secret key of its own for a deployment, whatever its hosts are."""
    if settings.DEBUG or not _uses_default_secret():
        return []
    return [
        Error(
            "SECRET_KEY is the published default.",
            hint="Set SECRET_KEY to the output of: openssl rand -base64 48",
            id="tunetrace.E002",
        )
    ]


@register(Tags.security)
def check_google(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """Require both halves of the credentials for Google sign-in, or none."""
    values = {
        "GOOGLE_CLIENT_ID": settings.GOOGLE_CLIENT_ID,
        "GOOGLE_CLIENT_SECRET": settings.GOOGLE_CLIENT_SECRET,
    }
    missing = [name for name, value in values.items() if not value]
    if len(missing) != 1:
        return []
    present = next(name for name in values if name not in missing)
    return [
        Error(
            f"{present} is set and {missing[0]} is not: sign-in with Google cannot work.",
            hint=f"Set {missing[0]} too, or unset {present}.",
            id="tunetrace.E003",
        )
    ]


@register(Tags.security)
def check_openid_connect(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """Require all three settings for sign-in with another provider, or none."""
    names = ("OIDC_SERVER_URL", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    missing = [name for name in names if not getattr(settings, name)]
    if len(missing) not in {1, 2}:
        return []
    present = [name for name in names if name not in missing]
    return [
        Error(
            f"{' and '.join(present)} set, {' and '.join(missing)} not: sign-in with OpenID "
            "Connect cannot work.",
            hint=f"Set {' and '.join(missing)} too, or unset {' and '.join(present)}.",
            id="tunetrace.E020",
        )
    ]


@register(Tags.security)
def check_unauthenticated_user_id(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """Warn that a user id without credentials is accepted, as the older web client needs."""
    if not settings.ALLOW_UNAUTHENTICATED_USER_ID:
        return []
    return [
        Warning(
            "ALLOW_UNAUTHENTICATED_USER_ID=True: anybody may act for any listener who has no "
            "account, by naming them.",
            hint="Give the client a service key (admin, Service keys) and unset the variable.",
            id="tunetrace.W001",
        )
    ]


@register(Tags.security)
def check_debug(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """Warn about DEBUG where others can reach the site: error pages show settings and code."""
    hosts = list_public_hosts()
    if not settings.DEBUG or not hosts:
        return []
    return [
        Warning(
            f"DEBUG=True, and ALLOWED_HOSTS lets others in: {hosts}.",
            hint="Set DEBUG=false, or leave ALLOWED_HOSTS at its default.",
            id="tunetrace.W002",
        )
    ]


@register(Tags.security)
def check_metrics_token(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """Warn about a metrics token that is short enough to be guessed."""
    length = len(settings.METRICS_TOKEN or "")
    if not 0 < length < MIN_TOKEN_LENGTH:
        return []
    return [
        Warning(
            f"METRICS_TOKEN has {length} characters.",
            hint=f"Use at least {MIN_TOKEN_LENGTH}: openssl rand -hex 16",
            id="tunetrace.W003",
        )
    ]


@register(Tags.compatibility)
def check_email_backend(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """Report a wrong email backend now, not when the first listener signs up."""
    try:
        import_string(settings.EMAIL_BACKEND)
    except ImportError as error:
        return [
            Error(
                f"EMAIL_BACKEND={settings.EMAIL_BACKEND!r} cannot be imported: {error}.",
                hint="Use django.core.mail.backends.smtp.EmailBackend or another dotted path.",
                id="tunetrace.E005",
            )
        ]
    return []


@register(Tags.security)
def check_mail_reaches_people(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """Warn when a public site only logs or drops mail.

    A reader of the log could use a password reset link printed there.
    """
    hosts = list_public_hosts()
    if settings.DEBUG or not hosts or settings.EMAIL_BACKEND not in env.QUIET_MAIL_BACKENDS:
        return []
    if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        problem = "Mails, including links to set a new password, are printed to the log"
    else:
        problem = "No mail can be sent: nobody can reset a password or verify an address"
    return [
        Warning(
            f"{problem} (EMAIL_BACKEND={settings.EMAIL_BACKEND!r}), and ALLOWED_HOSTS lets others "
            f"in: {hosts}.",
            hint="Set EMAIL_URL=smtp+tls://user:password@host:587 and DEFAULT_FROM_EMAIL.",
            id="tunetrace.W020",
        )
    ]


@register(Tags.security)
def check_sender(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """Warn about a sender address that mail servers would refuse."""
    if settings.EMAIL_BACKEND in env.QUIET_MAIL_BACKENDS or not re.search(
        r"@localhost\b", settings.DEFAULT_FROM_EMAIL
    ):
        return []
    return [
        Warning(
            f"DEFAULT_FROM_EMAIL={settings.DEFAULT_FROM_EMAIL!r} is not an address that other mail "
            "servers accept.",
            hint="Set DEFAULT_FROM_EMAIL, such as: TuneTrace <music@example.org>",
            id="tunetrace.W021",
        )
    ]


@register(Tags.compatibility)
def check_index_store(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """Warn about machines that keep nothing and would each serve an index of their own."""
    if settings.SQLITE_MIRROR == "on" or settings.INDEX_STORE_URL:
        return []
    return [
        Warning(
            "SQLITE_MIRROR=none without INDEX_STORE_URL: each machine builds an index of its own, "
            "and shares no suggestion lists with the others.",
            hint="Set INDEX_STORE_URL=s3://bucket/prefix, or file:///… to a folder of all.",
            id="tunetrace.W022",
        )
    ]


@register(Tags.compatibility)
def check_youtube_endpoint(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """Warn about an endpoint without a key, which is never asked."""
    if settings.YOUTUBE_API_KEY or not settings.YOUTUBE_API_ENDPOINT:
        return []
    return [
        Warning(
            "YOUTUBE_API_ENDPOINT is set and YOUTUBE_API_KEY is not: songs come from the bundled "
            "catalogue.",
            hint="Set YOUTUBE_API_KEY, or unset YOUTUBE_API_ENDPOINT.",
            id="tunetrace.W004",
        )
    ]


@register(Tags.compatibility)
def check_legacy_database_url(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """Warn about a ``DATABASE_URL`` that is not PostgreSQL's: the variable names no other."""
    url = env.read_text("DATABASE_URL")
    if url is None or env.is_postgres_url(url):
        return []
    scheme, colon, _rest = url.partition("://")
    found = f"starts with {scheme}://" if colon else "is not a URL"
    return [
        Warning(
            f"DATABASE_URL {found} and is not used.",
            hint="Use SQLITE_DATABASE_URL and POSTGRES_DATABASE_URL.",
            id="tunetrace.W005",
        )
    ]


@register(Tags.security, Tags.urls)
def check_routes(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """Require every route of ours to declare who may see it, never by a default."""
    return [
        Error(
            f"The route /{route} ({view.__module__}.{view.__qualname__}) does not say who may "
            "see it.",
            hint="Give an API view permission_classes; decorate a page with login_not_required, "
            "login_required or permission_required.",
            id="tunetrace.E004",
        )
        for route, view in list_routes()
        if view.__module__.startswith(OUR_PACKAGES) and not declares_access(view)
    ]


def list_routes(
    patterns: Sequence[Any] | None = None, prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    """Yield every route of the site with its view, in the order in which they are tried."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from list_routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


def declares_access(view: Any) -> bool:
    """Return whether a view names its permissions itself: on its class, route or by a decorator."""
    api_view = getattr(view, "cls", None)
    if api_view is None:
        # Django's admin and its decorators leave these on the views they guard.
        guarded = hasattr(view, "model_admin") or hasattr(view, "login_url")
        return guarded or getattr(view, "login_required", True) is False
    if "permission_classes" in getattr(view, "initkwargs", {}):
        return True
    ours = [cls for cls in api_view.__mro__ if cls.__module__.startswith(OUR_PACKAGES)]
    return any("permission_classes" in vars(cls) for cls in ours)
