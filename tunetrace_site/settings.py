"""Every setting, read from the environment; starts with nothing set.

Without any variable: SQLite, the bundled catalogue as the source of songs, no Redis. A wrong value
stops the start with the variable's name (``env.py``); what needs two settings is in ``checks.py``.
"""

from pathlib import Path
from typing import Any

from corsheaders.defaults import default_headers
from csp.constants import NONCE

from . import env
from .redis_address import read_redis_url
from .replication.postgresql.driver import require_psycopg2
from .version import VERSION

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Security ---------------------------------------------------------------------------------

DEBUG = env.read_bool("DEBUG", False)
# DEBUG where others can reach the site stops the start, unless this confirms that it is intended.
ALLOW_PUBLIC_DEBUG = env.read_bool("ALLOW_PUBLIC_DEBUG", False)
DEFAULT_EXCEPTION_REPORTER_FILTER = "tunetrace_site.masking.MaskingFilter"
DEVELOPMENT_SECRET_KEY = "insecure-development-key-never-use-it-where-others-can-reach-the-site"
SECRET_KEY = env.read_text("SECRET_KEY", DEVELOPMENT_SECRET_KEY)
# Earlier keys: signatures and encryption made with them stay valid.
SECRET_KEY_FALLBACKS = env.read_list("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.read_list("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]"))
CSRF_TRUSTED_ORIGINS = env.read_origins("CSRF_TRUSTED_ORIGINS")
CORS_ALLOWED_ORIGINS = env.read_origins("CORS_ALLOWED_ORIGINS")
CORS_URLS_REGEX = r"^/(api/|suggestions/?$|liked-songs/?$|discover/?$|health)"
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key", "if-none-match"]
CORS_EXPOSE_HEADERS = [
    "Content-Disposition",
    "ETag",
    "Link",
    "Location",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "X-Request-ID",
    "X-Total-Count",
    "X-TuneTrace-Data",
]
HTTPS = env.read_bool("HTTPS", False)
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# YouTube's player fails with error 153 without a referrer; Django's default, same-origin, sends
# none.
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_AGE = 180 * 86_400
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY: dict[str, dict[str, list[Any]]] = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "https://i.ytimg.com"],
        # The API's documentation page starts with an inline style and script of its own.
        "style-src": ["'self'", NONCE],
        "script-src": ["'self'", NONCE],
        "frame-src": ["https://www.youtube-nocookie.com"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'", "https://accounts.google.com"],
        "object-src": ["'none'"],
    },
}

# --- What is installed ------------------------------------------------------------------------

INSTALLED_APPS = [
    "tunetrace_site",
    "accounts",
    "music",
    "tunetrace_site.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "csp",
    "django_htmx",
    # Last: its migration hooks prepare the tables of all other apps.
    "tunetrace_site.replication",
]
MIDDLEWARE = [
    "tunetrace_site.middleware.RequestIdMiddleware",
    "tunetrace_site.latencies.LatencyMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "tunetrace_site.compression.CompressionMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "tunetrace_site.middleware.SafeHeadersMiddleware",
    "tunetrace_site.middleware.LivenessMiddleware",
    "tunetrace_site.middleware.PolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "tunetrace_site.middleware.BodyLimitMiddleware",
    "tunetrace_site.middleware.PlainNotFoundMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "music.pages.throttle.ThrottleMiddleware",
    "tunetrace_site.replication.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.auditing.AuditMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.OperatorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tunetrace_site.replication.middleware.UnitOfWorkMiddleware",
]
ROOT_URLCONF = "tunetrace_site.urls"
WSGI_APPLICATION = "tunetrace_site.wsgi.application"
APPEND_SLASH = True
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "music.pages.context.site",
            ],
            "builtins": ["music.templatetags.steady_addresses"],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "jinja2"],
        "OPTIONS": {"environment": "music.pages.fragments.environment"},
    },
]

# --- The web server (gunicorn.py) ---------------------------------------------------------------

HOST = env.read_text("HOST", "127.0.0.1")
PORT = env.read_int("PORT", 8000, minimum=1, maximum=65535)
WEB_WORKERS = env.read_int("WEB_WORKERS", 2, minimum=1, maximum=64)
WEB_THREADS = env.read_int("WEB_THREADS", 4, minimum=1, maximum=64)

# --- Two databases (docs/databases.md) --------------------------------------------------------

STATE_DIR = Path(env.read_text("STATE_DIR", str(BASE_DIR / "var")))
SQLITE_DATABASE_URL = env.read_text("SQLITE_DATABASE_URL", "sqlite:///app.db")
SQLITE_FILE = env.parse_sqlite_url("SQLITE_DATABASE_URL", SQLITE_DATABASE_URL, str(BASE_DIR))
POSTGRES_DATABASE_URL = env.read_url("POSTGRES_DATABASE_URL", env.POSTGRES_SCHEMES)
_postgres_variable = "POSTGRES_DATABASE_URL" if POSTGRES_DATABASE_URL else "DATABASE_URL"
if not POSTGRES_DATABASE_URL and env.is_postgres_url(env.read_text("DATABASE_URL", "")):
    POSTGRES_DATABASE_URL = env.read_text("DATABASE_URL")
# none: PostgreSQL alone, for machines that keep nothing (docs/scale.md).
SQLITE_MIRROR = env.read_choice("SQLITE_MIRROR", "on", ("on", "none"))
DB_READ_PREFERENCE = env.read_choice("DB_READ_PREFERENCE", "postgres", ("postgres", "sqlite"))
# Several machines may share one PostgreSQL, each with a SQLite of its own and its own number.
SEVERAL_MACHINES = env.read_bool("SEVERAL_MACHINES", False)
MACHINE_NUMBER = env.read_int("MACHINE_NUMBER", 1, minimum=1, maximum=14)
if SEVERAL_MACHINES and DB_READ_PREFERENCE == "sqlite":
    raise env.WrongVariable(
        "DB_READ_PREFERENCE='sqlite' is not valid with SEVERAL_MACHINES=true: use postgres. Each "
        "machine's SQLite learns of the others' changes a moment late, so its readers would not."
    )
if SQLITE_MIRROR == "none" and not POSTGRES_DATABASE_URL:
    raise env.WrongVariable(
        "SQLITE_MIRROR='none' needs POSTGRES_DATABASE_URL: without SQLite there is no database."
    )
if SQLITE_MIRROR == "none" and DB_READ_PREFERENCE == "sqlite":
    raise env.WrongVariable(
        "DB_READ_PREFERENCE='sqlite' is not valid with SQLITE_MIRROR=none: unset one of them."
    )
# Streaming standbys of the only database, for reads that may be a second old (docs/scale.md).
POSTGRES_REPLICAS = env.read_postgres_urls("POSTGRES_REPLICA_URLS")
if POSTGRES_REPLICAS and SQLITE_MIRROR == "on":
    raise env.WrongVariable(
        "POSTGRES_REPLICA_URLS is not valid without SQLITE_MIRROR=none: unset it, or see "
        "docs/scale.md for machines without SQLite. With SQLite each machine has a copy of its own."
    )
# What a database's log of changes may hold while the other one is away. Beyond that, that one is
# sent every row when it is back.
CHANGE_LOG_ENTRIES = env.read_int("CHANGE_LOG_ENTRIES", 5_000_000, minimum=20_000, maximum=10**9)
CHANGE_LOG_DAYS = env.read_int("CHANGE_LOG_DAYS", 30, minimum=1, maximum=30)
CLOCK_DIFFERENCE_LIMIT_SECONDS = env.read_int(
    "CLOCK_DIFFERENCE_LIMIT_SECONDS", 7200, minimum=1, maximum=10**9
)
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "tunetrace_site.replication.sqlite"
        if POSTGRES_DATABASE_URL
        else "tunetrace_site.replication.sqlite_alone",
        "NAME": SQLITE_FILE,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # With a second database nobody waits long: the unit of work runs there instead.
            "timeout": 1 if POSTGRES_DATABASE_URL else 5,
            # A transaction that reads first and writes later cannot wait for the lock: it fails.
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                # In KiB. Each thread has a connection with a cache of its own; the kernel keeps
                # pages once for all of them, where reading one costs next to nothing.
                "PRAGMA cache_size=-4000; PRAGMA temp_store=MEMORY; "
                # INSERT OR REPLACE then fires the delete trigger of the row it replaces.
                "PRAGMA recursive_triggers=ON; "
                # Deleted content is overwritten, not only unlinked (replication/erasing.py).
                "PRAGMA secure_delete=ON"
            ),
        },
    }
}


def _describe_postgres(address: env.PostgresAddress, options: str) -> dict[str, Any]:
    """Return the description of a PostgreSQL database for ``DATABASES``."""
    return {
        "ENGINE": "tunetrace_site.replication.postgresql",
        "NAME": address.name,
        "USER": address.user,
        "PASSWORD": address.password,
        "HOST": address.host,
        "PORT": address.port,
        "CONN_MAX_AGE": None,
        # A fetch from a server-side cursor is not a statement: a connection lost there would stay
        # open.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {
            **address.tls,
            "connect_timeout": 2,
            "application_name": "tunetrace",
            "options": f"-c statement_timeout=5000 {options}",
        },
    }


if POSTGRES_DATABASE_URL:
    require_psycopg2()
    _postgres = env.parse_postgres_url(_postgres_variable, POSTGRES_DATABASE_URL)
    # Alone, it is the one that Django asks by default.
    DATABASES["postgres" if SQLITE_MIRROR == "on" else "default"] = _describe_postgres(
        _postgres, "-c lock_timeout=2000"
    )
    if any(_postgres.is_same_place(replica) for replica in POSTGRES_REPLICAS):
        raise env.WrongVariable(
            f"POSTGRES_REPLICA_URLS names the server of {_postgres_variable}: name its replicas."
        )
    for _number, _replica in enumerate(POSTGRES_REPLICAS, start=1):
        DATABASES[f"replica-{_number}"] = {
            **_describe_postgres(_replica, "-c default_transaction_read_only=on"),
            "TEST": {"MIRROR": "default"},
        }
# What a replica may answer: safe requests to the pages and to the API, and of those only rows of
# what listeners and songs have (replication/replica_reads.py).
REPLICA_VIEWS = ("music.api.", "music.pages.")
REPLICA_MODELS = {
    f"music.{name}"
    for name in (
        "dismissal",
        "matchcorrection",
        "mix",
        "playback",
        "share",
        "song",
        "songmove",
        "steering",
        "userlikedsong",
        "videofeature",
        "videoreport",
    )
}
SESSION_ENGINE = "tunetrace_site.replication.sessions"
DATABASE_ROUTERS = ["tunetrace_site.replication.router.UnitRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Caches (docs/caches.md) ------------------------------------------------------------------

REDIS_URL = read_redis_url("REDIS_URL")
if SQLITE_MIRROR == "none" and not REDIS_URL:
    raise env.WrongVariable(
        "SQLITE_MIRROR='none' needs REDIS_URL: there the machines meet that keep nothing, with "
        "their counts of wrong passwords, their limits and what they tell each other."
    )
REDIS_TTL_SECONDS = env.read_int("REDIS_TTL_SECONDS", 3600, minimum=1, maximum=30 * 86_400)
REDIS_TIMEOUT_SECONDS = env.read_float("REDIS_TIMEOUT_SECONDS", 0.05, minimum=0.001, maximum=5)
REDIS_PROBE_SECONDS = env.read_float("REDIS_PROBE_SECONDS", 1.0, minimum=0.05, maximum=60)
STALE_SECONDS = env.read_int("STALE_SECONDS", 600, minimum=0, maximum=30 * 86_400)
NEAR_CACHE_ENTRIES = env.read_int("NEAR_CACHE_ENTRIES", 2048, minimum=1, maximum=1_000_000)
RESPONSE_CACHE_ENTRIES = 128
CACHES: dict[str, dict[str, Any]] = {
    # Shared by all workers: counts of wrong passwords, one-time codes that were used.
    "default": {"BACKEND": "music.caching.site_cache.SiteCache"},
    # Per process: the API's description, which each can build.
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
if REDIS_URL:
    CACHES["redis"] = {
        "BACKEND": "django_redis.cache.RedisCache",
        # A list: a URL of Sentinels has commas.
        "LOCATION": [REDIS_URL],
        "KEY_FUNCTION": "music.caching.keys.make_redis_key",
        "OPTIONS": {
            "SOCKET_CONNECT_TIMEOUT": REDIS_TIMEOUT_SECONDS,
            "SOCKET_TIMEOUT": REDIS_TIMEOUT_SECONDS,
            "CONNECTION_FACTORY": "music.caching.redis_servers.PoolFactory",
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
        },
    }

# --- Songs: where they come from, and what YouTube allows ---------------------------------------

YOUTUBE_API_KEY = env.read_text("YOUTUBE_API_KEY")
YOUTUBE_API_ENDPOINT = env.read_url("YOUTUBE_API_ENDPOINT", ("http", "https"))
YOUTUBE_DAILY_SEARCHES = env.read_int("YOUTUBE_DAILY_SEARCHES", 100, minimum=0, maximum=10**7)
YOUTUBE_DAILY_UNITS = env.read_int("YOUTUBE_DAILY_UNITS", 10_000, minimum=0, maximum=10**9)
YOUTUBE_LISTENER_RESERVE = env.read_float("YOUTUBE_LISTENER_RESERVE", 0.5, minimum=0, maximum=1)
# The share of a day's searches and units that one address (or account) and one service key may
# spend.
YOUTUBE_ADDRESS_SHARE = env.read_float("YOUTUBE_ADDRESS_SHARE", 0.25, minimum=0, maximum=1)
YOUTUBE_SERVICE_KEY_SHARE = env.read_float("YOUTUBE_SERVICE_KEY_SHARE", 0.5, minimum=0, maximum=1)
YOUTUBE_TIMEOUT_SECONDS = env.read_float("YOUTUBE_TIMEOUT_SECONDS", 3.0, minimum=0.05, maximum=60)
# Without a key, pasted links are looked up at YouTube's oEmbed address; off: nothing is sent.
YOUTUBE_OEMBED = env.read_bool("YOUTUBE_OEMBED", True)
YOUTUBE_OEMBED_ENDPOINT = (
    env.read_url("YOUTUBE_OEMBED_ENDPOINT", ("http", "https")) or "https://www.youtube.com"
)
YOUTUBE_OEMBED_TIMEOUT_SECONDS = env.read_float(
    "YOUTUBE_OEMBED_TIMEOUT_SECONDS", 2.0, minimum=0.05, maximum=60
)
YOUTUBE_REGION = env.read_match(
    "YOUTUBE_REGION", "US", "[A-Za-z]{2}", "the two letters of a country, such as US"
).upper()
INDEX_DIR = STATE_DIR / "index"
# Where the machines share one index: a folder that all have mounted, or a bucket.
INDEX_STORE_URL = env.read_url("INDEX_STORE_URL", ("file", "s3"))
INDEX_AUTO_BUILD = env.read_bool("INDEX_AUTO_BUILD", True)

# --- Work that goes on by itself (docs/jobs.md) ---------------------------------------------------

# Threads of the consumer that `serve` starts; with 0 it starts none (`manage.py run_huey` does).
JOB_THREADS = env.read_int("JOB_THREADS", 2, minimum=0, maximum=32)
JOB_REDIS_URL = read_redis_url("JOB_REDIS_URL")
if SQLITE_MIRROR == "none" and not JOB_REDIS_URL:
    JOB_REDIS_URL = REDIS_URL
# A time of the day (UTC), an interval, or off. YouTube's day ends at 07:00 or 08:00 UTC.
JOB_SCHEDULES = {
    "harvest": env.read_schedule("JOB_HARVEST", "06:00"),
    "refresh_videos": env.read_schedule("JOB_REFRESH_VIDEOS", "08:10"),
    "resolve_pending": env.read_schedule("JOB_RESOLVE_PENDING", "08:30"),
    "build_index": env.read_schedule("JOB_BUILD_INDEX", "2m"),
    "expiry": env.read_schedule("JOB_EXPIRY", "1h"),
    "listenbrainz": env.read_schedule("JOB_LISTENBRAINZ", "2m"),
}

# Listeners may connect a ListenBrainz account; off: no request is sent to it.
LISTENBRAINZ = env.read_bool("LISTENBRAINZ", False)
LISTENBRAINZ_URL = (
    env.read_url("LISTENBRAINZ_URL", ("http", "https")) or "https://api.listenbrainz.org"
)
LISTENBRAINZ_TIMEOUT_SECONDS = env.read_float(
    "LISTENBRAINZ_TIMEOUT_SECONDS", 10.0, minimum=0.05, maximum=60
)

# --- People -------------------------------------------------------------------------------------

SITE_NAME = "TuneTrace"
_mail = env.read_mail_server("EMAIL_URL", "console://" if DEBUG else "dummy://")
EMAIL_BACKEND = env.read_text("EMAIL_BACKEND", _mail.backend)
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.starts_tls, _mail.is_tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.read_mailbox(
    "DEFAULT_FROM_EMAIL", f"{SITE_NAME} <noreply@localhost>"
)

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.backends.EmailBackend",
    # For sessions that began with this backend.
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "accounts.hashers.BoundedArgon2Hasher",
    # For passwords set before Argon2; they are hashed anew at the next sign-in.
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "home"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = env.read_choice(
    "EMAIL_VERIFICATION",
    "none" if EMAIL_BACKEND in env.QUIET_MAIL_BACKENDS else "mandatory",
    ("none", "optional", "mandatory"),
)
ACCOUNT_FORMS = {
    "signup": "accounts.account_forms.SignUpForm",
    "reset_password": "accounts.account_forms.ResetForm",
}
# A stolen session must not change address, password or factors; the old address is notified.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{SITE_NAME}] "
# Emails need not be unique before they are confirmed: accounts/email_ownership.py.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
ACCOUNT_RATE_LIMITS = {
    # allauth allows one in three minutes, but a unit that runs again on the other database counts
    # again.
    "confirm_email": "3/3m/key",
    # accounts/sign_in_limits.py slows guessing down without locking anybody out.
    "login": None,
    "login_failed": None,
    # Not per address: an attacker who used up the limit would keep the owner from asking.
    "reset_password": "20/m/ip",
}
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
GOOGLE_CLIENT_ID = env.read_text("GOOGLE_CLIENT_ID")
GOOGLE_CLIENT_SECRET = env.read_text("GOOGLE_CLIENT_SECRET")
OIDC_NAME = env.read_text("OIDC_NAME", "OpenID Connect")
OIDC_SERVER_URL = env.read_url("OIDC_SERVER_URL", ("https", "http"))
OIDC_CLIENT_ID = env.read_text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env.read_text("OIDC_CLIENT_SECRET")
SOCIALACCOUNT_PROVIDERS = {}
if GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET:
    SOCIALACCOUNT_PROVIDERS["google"] = {
        "APPS": [{"client_id": GOOGLE_CLIENT_ID, "secret": GOOGLE_CLIENT_SECRET, "key": ""}],
        "SCOPE": ["profile", "email"],
        "OAUTH_PKCE_ENABLED": True,
    }
if OIDC_SERVER_URL and OIDC_CLIENT_ID and OIDC_CLIENT_SECRET:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "oidc",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ],
        "OAUTH_PKCE_ENABLED": True,
    }
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append(env.find_origin(OIDC_SERVER_URL))
# An address confirmed by a provider does not sign anybody in to an existing account.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
MFA_ADAPTER = "accounts.second_factors.FactorAdapter"
MFA_FORMS = {
    "add_webauthn": "accounts.key_forms.AddKeyForm",
    "authenticate_webauthn": "accounts.key_forms.KeyForm",
    "login_webauthn": "accounts.key_forms.PasskeyForm",
    "reauthenticate_webauthn": "accounts.key_forms.KeyAgainForm",
}
# Codes of the 30 seconds before and after count too, since clocks of phones are off.
MFA_TOTP_TOLERANCE = 1
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
# allauth warns that the owner of the address could be locked out, which
# accounts/email_ownership.py prevents.
MFA_ALLOW_UNVERIFIED_EMAIL = True
OPERATORS_NEED_SECOND_FACTOR = env.read_bool("OPERATORS_NEED_SECOND_FACTOR", not DEBUG)
OPERATOR_SESSION_HOURS = env.read_int("OPERATOR_SESSION_HOURS", 12, minimum=1, maximum=24 * 30)
# A guest without a visit for this many days is deleted, with everything they liked.
GUEST_DAYS = env.read_int("GUEST_DAYS", 180, minimum=1, maximum=36_500)
# Impressions (what was suggested) are kept this many days, to measure success by.
IMPRESSION_DAYS = env.read_int("IMPRESSION_DAYS", 90, minimum=1, maximum=36_500)
ALLOW_UNAUTHENTICATED_USER_ID = env.read_bool("ALLOW_UNAUTHENTICATED_USER_ID", False)
METRICS_TOKEN = env.read_text("METRICS_TOKEN")

# --- API ------------------------------------------------------------------------------------------

DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
# Uploaded files of songs, where imports begin, are never written to disk and not kept.
UPLOAD_MAX_BYTES = 20 * 2**20 + 64 * 1024
FILE_UPLOAD_HANDLERS = ["tunetrace_site.body_limits.FileHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_MAX_BYTES
ANONYMOUS_REQUESTS_PER_MINUTE = env.read_int(
    "ANONYMOUS_REQUESTS_PER_MINUTE", 120, minimum=1, maximum=10**9
)
LISTENER_REQUESTS_PER_MINUTE = env.read_int(
    "LISTENER_REQUESTS_PER_MINUTE", 600, minimum=1, maximum=10**9
)
PAGES_PER_MINUTE = env.read_int("PAGES_PER_MINUTE", 300, minimum=1, maximum=10**9)
# Proxies in front that add to X-Forwarded-For; with 0 the header is not read.
TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = env.read_int(
    "TRUSTED_PROXIES", 0, minimum=0, maximum=10
)
REST_FRAMEWORK = {
    "NUM_PROXIES": TRUSTED_PROXIES,
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "music.api.authentication.RememberingBearerAuthentication",
        "accounts.authentication.ListenerSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["music.api.throttles.CallerThrottle"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "music.api.negotiation.QuickNegotiation",
    "DEFAULT_RENDERER_CLASSES": [
        "music.api.encoded_lists.PreparedJSONRenderer",
        "music.api.browsing.BrowsablePage",
    ],
    "DEFAULT_PARSER_CLASSES": ["music.api.parsers.StrictJSONParser"],
    "EXCEPTION_HANDLER": "music.api.errors.handle_exception",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "TuneTrace API",
    "DESCRIPTION": "Name songs you like; get songs you will love next, and why.",
    "VERSION": VERSION,
    "LICENSE": {"name": "MIT", "url": "https://spdx.org/licenses/MIT.html"},
    "CONTACT": {"name": "The operators of this site"},
    "SERVERS": [{"url": "/", "description": "This site."}],
    "TAGS": [
        {"name": "suggestions", "description": "Songs for a listener, and why."},
        {"name": "likes", "description": "What a listener likes."},
        {"name": "dismissals", "description": "Songs that are never suggested again."},
        {"name": "steering", "description": "Hidden artists, and songs that count less."},
        {"name": "mixes", "description": "Lists of songs that a listener saves."},
        {"name": "shares", "description": "Lists that a listener shares by a secret link."},
        {"name": "playbacks", "description": "What listeners play and skip."},
        {"name": "imports", "description": "Imports of many songs at once."},
        {"name": "songs", "description": "Facts about songs."},
        {"name": "me", "description": "The listener's profile, taste, data and tokens."},
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    # Bodies of PATCH keep their required fields: a Patched… schema of its own would have none.
    "COMPONENT_SPLIT_PATCH": False,
    # "nullable" says that already, and generated clients stumble over a choice of null alone.
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "music.api.schema.require_bodies",
    ],
    "PREPROCESSING_HOOKS": ["music.api.schema.keep_one_spelling"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- Files, language, logs ------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
LOG_LEVEL = env.read_choice("LOG_LEVEL", "info", ("debug", "info", "warning", "error")).upper()
LOG_FORMAT = env.read_choice("LOG_FORMAT", "line", ("line", "json"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "tunetrace_site.middleware.RequestIdFilter"}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(levelname)s %(name)s %(request_id)s %(message)s",
            "rename_fields": {"levelname": "level", "name": "logger"},
            "timestamp": "at",
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["request_id"],
        },
        "last_errors": {
            "class": "tunetrace_site.last_errors.LastErrors",
            "level": "ERROR",
            "filters": ["request_id"],
        },
    },
    "root": {"handlers": ["console", "last_errors"], "level": LOG_LEVEL},
    "loggers": {"django.server": {"propagate": True}, "huey": {"level": "WARNING"}},
}
