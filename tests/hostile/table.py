"""Who may do what: one row for each method of each route of the site.

Columns are what each caller is answered, in the order of ``CALLERS``. ``other`` is another listener
who names the first one, where a listener can be named; ``service`` names the first one too. Ids in
addresses are of things that belong to the first listener. Pages know sessions only: to them a token
or a key is nobody.
"""

from dataclasses import dataclass, replace

CALLERS = ("anonymous", "guest", "listener", "token", "other", "service", "staff", "superuser")


@dataclass(frozen=True)
class Row:
    """One method of one route. ``kind``: "named", "nobody" or "page"."""

    method: str
    address: str
    statuses: str
    body: dict | None = None
    kind: str = "named"

    def expected(self, caller: str) -> int:
        return int(self.statuses.split()[CALLERS.index(caller)])

    def __str__(self) -> str:
        return f"{self.method} {self.address}"


LIKE = {"song_name": "Song 1"}
MANY_LIKES = {"songs": ["Song 1", "Artist 2 Song 2"]}
UNLIKED = {"ids": ["1"]}
NAMED = {"songs": ["Artist 1 Song 1"]}
SONG = {"song_id": "other/song"}
PLAY = {**SONG, "kind": "play"}
SONG_OF_PAGE = {"song": "other/song"}
PLAY_OF_PAGE = {**SONG_OF_PAGE, "kind": "play"}
TROUBLE = {"video": "video", "code": 150}
MIX_NAME = {"name": "Morning"}
NEW_MIX = {**MIX_NAME, "song": "other/song"}
KEPT_MIX = {**MIX_NAME, "song_ids": ["other/song"]}
REPORT = {"video_id": "video", "code": 150}
MIX_PLACE = {"song": "other/song", "place": 0}
CLEARED = {"what": "played"}
MANY = {"action": "stop", "like": "1"}
STEER = {**SONG, "kind": "artist"}
WISHES = {"plays": False}
STEER_OF_PAGE = {"song": "other/song", "kind": "artist"}
STEERED = {"kind": "artist", "key": "other"}
FREE_TEXT = {"query": "sad rock"}
LEARN = {"learn": False}
NAME = {"display_name": "Ada"}
TOKEN = {"name": "command line"}
PASTED = {"songs": "Song 1"}
CONFIRMED = {"confirm": "delete"}
THEME = {"theme": "dark"}
SHARED_MIX = {"is_shared": "on"}
OPENED = {"kind": "suggestions"}
SHARED = {"kind": "suggestions", "is_shared": "on"}
PAUSE = {"action": "pause"}
OK = {"post": "yes"}
SESSION = {"which": "one", "session": "1"}

# fmt: off
ABOUT_A_LISTENER = [
    #                                            anon guest list token other serv staff super
    Row("POST", "/suggestions",                  "200 200 200 200 403 200 200 200", NAMED),
    Row("GET", "/liked-songs",                   "401 200 200 200 403 200 200 200"),
    Row("POST", "/api/v1/suggestions",           "200 200 200 200 403 200 200 200", NAMED),
    Row("GET", "/api/v1/liked-songs",            "401 200 200 200 403 200 200 200"),
    Row("POST", "/api/v1/liked-songs",           "401 201 201 201 403 201 201 201", LIKE),
    Row("POST", "/api/v1/liked-songs/many",      "401 200 200 200 403 200 200 200", MANY_LIKES),
    Row("POST", "/api/v1/liked-songs/many/remove", "401 200 200 200 403 200 200 200", UNLIKED),
    Row("GET", "/api/v1/liked-songs/{like}",     "401 404 200 200 403 200 404 404"),
    Row("PATCH", "/api/v1/liked-songs/{like}",   "401 404 200 200 403 200 404 404", LEARN),
    Row("DELETE", "/api/v1/liked-songs/{like}",  "401 404 204 204 403 204 404 404"),
    Row("GET", "/api/v1/dismissals",             "401 200 200 200 403 200 200 200"),
    Row("POST", "/api/v1/dismissals",            "401 201 201 201 403 201 201 201", SONG),
    Row("GET", "/api/v1/dismissals/{reference}", "401 404 200 200 403 200 404 404"),
    Row("DELETE", "/api/v1/dismissals/{reference}",  "401 204 204 204 403 204 204 204"),
    Row("GET", "/api/v1/steering",               "401 200 200 200 403 200 200 200"),
    Row("POST", "/api/v1/steering",              "401 201 201 201 403 201 201 201", STEER),
    Row("GET", "/api/v1/steering/artist/other",  "401 404 404 404 403 404 404 404"),
    Row("DELETE", "/api/v1/steering/artist/other", "401 204 204 204 403 204 204 204"),
    Row("POST", "/api/v1/playbacks",             "401 204 204 204 403 204 204 204", PLAY),
    Row("POST", "/api/v1/imports",               "401 202 202 202 403 202 202 202", NAMED),
    Row("GET", "/api/v1/imports/{import}",       "401 404 200 200 403 200 404 404"),
    Row("GET", "/api/v1/imports/{import}/rows",  "401 404 200 200 403 200 404 404"),
    Row("POST", "/api/v1/imports/{import}/actions", "401 404 200 200 403 200 404 404", PAUSE),
    Row("GET", "/api/v1/liked-songs/export",     "401 200 200 200 403 200 200 200"),
    Row("GET", "/api/v1/me/suggestions/export",  "401 200 200 200 403 200 200 200"),
    Row("POST", "/api/v1/video-reports",         "401 200 200 200 403 200 200 200", REPORT),
    Row("GET", "/api/v1/mixes",                  "401 200 200 200 403 200 200 200"),
    Row("POST", "/api/v1/mixes",                 "401 201 201 201 403 201 201 201", KEPT_MIX),
    Row("GET", "/api/v1/mixes/{mix}",            "401 404 200 200 403 200 404 404"),
    Row("PATCH", "/api/v1/mixes/{mix}",          "401 404 200 200 403 200 404 404", MIX_NAME),
    Row("DELETE", "/api/v1/mixes/{mix}",         "401 404 204 204 403 204 404 404"),
    Row("GET", "/api/v1/mixes/{mix}/export",     "401 404 200 200 403 200 404 404"),
    Row("GET", "/api/v1/shares",                 "401 200 200 200 403 200 200 200"),
    Row("POST", "/api/v1/shares",                "401 201 201 201 403 201 201 201", OPENED),
    Row("GET", "/api/v1/shares/{share}",         "401 404 200 200 403 200 404 404"),
    Row("DELETE", "/api/v1/shares/{share}",      "401 404 204 204 403 204 404 404"),
    Row("GET", "/api/v1/me",                     "401 200 200 200 403 200 200 200"),
    Row("PATCH", "/api/v1/me",                   "401 200 200 200 403 200 200 200", NAME),
    Row("DELETE", "/api/v1/me",                  "401 204 403 403 403 403 403 403"),
    Row("GET", "/api/v1/me/suggestions",         "401 200 200 200 403 200 200 200"),
    Row("POST", "/api/v1/me/suggestions",        "401 200 200 200 403 200 200 200", WISHES),
    Row("GET", "/api/v1/me/taste",               "401 200 200 200 403 200 200 200"),
    Row("GET", "/api/v1/me/export",              "401 200 200 200 403 200 200 200"),
]
ABOUT_NOBODY = [
    #                                            anon guest list token other serv staff super
    Row("POST", "/discover",                     "200 200 200 200 200 200 200 200", FREE_TEXT),
    Row("GET", "/api/v1/",                       "200 200 200 200 200 200 200 200"),
    Row("GET", "/api/v1/schema",                 "200 200 200 200 200 200 200 200"),
    Row("GET", "/api/v1/docs",                   "200 200 200 200 200 200 200 200"),
    Row("POST", "/api/v1/discover",              "200 200 200 200 200 200 200 200", FREE_TEXT),
    Row("GET", "/api/v1/songs?query=song",       "200 200 200 200 200 200 200 200"),
    Row("GET", "/api/v1/songs/{reference}",          "200 200 200 200 200 200 200 200"),
    Row("GET", "/api/v1/songs/{reference}/similar",  "200 200 200 200 200 200 200 200"),
    Row("GET", "/api/v1/genres",                 "200 200 200 200 200 200 200 200"),
    Row("GET", "/api/v1/shared/{share}",         "200 200 200 200 200 200 200 200"),
    Row("GET", "/api/v1/me/tokens",              "401 403 200 403 200 403 200 200"),
    Row("POST", "/api/v1/me/tokens",             "401 403 201 403 201 403 201 201", TOKEN),
    Row("GET", "/api/v1/me/tokens/{token}",      "401 403 200 403 404 403 404 404"),
    Row("DELETE", "/api/v1/me/tokens/{token}",   "401 403 204 403 404 403 404 404"),
    Row("GET", "/api/v1/nowhere",                "404 404 404 404 404 404 404 404"),
]

# Pages: of the site, of accounts, and for machines. A guest is made where something is liked.
PAGES = [
    #                                            anon guest list token other serv staff super
    Row("GET", "/",                              "200 200 200 200 200 200 200 200"),
    Row("GET", "/search/suggest/?q=song",        "200 200 200 200 200 200 200 200"),
    Row("GET", "/search/?q=song",                "200 200 200 200 200 200 200 200"),
    Row("GET", "/songs/{reference}",                 "200 200 200 200 200 200 200 200"),
    Row("GET", "/for-you/",                      "200 200 200 200 200 200 200 200"),
    Row("POST", "/for-you/more/",                "302 302 302 302 302 302 302 302", OK),
    Row("POST", "/for-you/next/",                "302 302 302 302 302 302 302 302", SONG_OF_PAGE),
    Row("POST", "/steer/",                       "302 302 302 302 302 302 302 302", STEER_OF_PAGE),
    Row("POST", "/steer/undo/",                  "302 302 302 302 302 302 302 302", STEERED),
    Row("GET", "/not-for-me/",                   "200 200 200 200 200 200 200 200"),
    Row("POST", "/not-for-me/add/",              "302 302 302 302 302 302 302 302", SONG_OF_PAGE),
    Row("POST", "/not-for-me/undo/",             "302 302 302 302 302 302 302 302", SONG_OF_PAGE),
    Row("POST", "/plays/",                       "204 204 204 204 204 204 204 204", PLAY_OF_PAGE),
    Row("POST", "/plays/trouble/",               "200 200 200 200 200 200 200 200", TROUBLE),
    Row("GET", "/opinion/?song=other/song",      "200 200 200 200 200 200 200 200"),
    Row("GET", "/mixes/",                        "200 200 200 200 200 200 200 200"),
    Row("POST", "/mixes/save/",                  "302 302 302 302 302 302 302 302", NEW_MIX),
    Row("GET", "/mixes/{mix}/",                  "404 404 200 404 404 404 404 404"),
    Row("POST", "/mixes/{mix}/rename/",          "404 404 302 404 404 404 404 404", MIX_NAME),
    Row("POST", "/mixes/{mix}/place/",           "404 404 302 404 404 404 404 404", MIX_PLACE),
    Row("POST", "/mixes/{mix}/delete/",          "404 404 302 404 404 404 404 404"),
    Row("POST", "/mixes/{mix}/share/",           "404 404 302 404 404 404 404 404", SHARED_MIX),
    Row("GET", "/history/",                      "200 200 200 200 200 200 200 200"),
    Row("POST", "/history/clear/",               "302 302 302 302 302 302 302 302", CLEARED),
    Row("POST", "/history/learning/",            "302 302 302 302 302 302 302 302", LEARN),
    Row("GET", "/likes/",                        "200 200 200 200 200 200 200 200"),
    Row("GET", "/likes/add/",                    "200 200 200 200 200 200 200 200"),
    Row("POST", "/likes/add/",                   "302 302 302 302 302 302 302 302", PASTED),
    Row("POST", "/likes/song/",                  "302 302 302 302 302 302 302 302", SONG_OF_PAGE),
    Row("POST", "/likes/song/undo/",             "404 302 302 404 302 404 302 302", SONG_OF_PAGE),
    Row("POST", "/likes/many/",                  "404 302 302 404 302 404 302 302", MANY),
    Row("POST", "/likes/many/restore/",          "302 302 302 302 302 302 302 302", OK),
    Row("POST", "/likes/restore/",               "404 302 302 404 302 404 302 302", LIKE),
    Row("POST", "/likes/{like}/remove/",         "404 404 302 404 404 404 404 404"),
    Row("POST", "/likes/{like}/learning/",       "404 404 302 404 404 404 404 404", LEARN),
    Row("GET", "/likes/{like}/match/",           "404 404 200 404 404 404 404 404"),
    Row("POST", "/likes/{like}/match/",          "404 404 302 404 404 404 404 404", SONG_OF_PAGE),
    Row("GET", "/import/",                       "200 200 200 200 200 200 200 200"),
    Row("POST", "/import/",                      "302 302 302 302 302 302 302 302", PASTED),
    Row("GET", "/import/{import}/",              "404 404 200 404 404 404 404 404"),
    Row("POST", "/import/{import}/change/",      "404 404 302 404 404 404 404 404", PAUSE),
    Row("GET", "/import/{import}/rows/",         "404 404 200 404 404 404 404 404"),
    Row("GET", "/likes/export/",                 "302 200 200 302 200 302 200 200"),
    Row("GET", "/for-you/export/",               "200 200 200 200 200 200 200 200"),
    Row("GET", "/mixes/{mix}/export/",           "404 404 200 404 404 404 404 404"),
    Row("GET", "/share/",                        "200 200 200 200 200 200 200 200"),
    Row("POST", "/share/",                       "302 302 302 302 302 302 302 302", SHARED),
    Row("GET", "/shared/{share}/",               "200 200 200 200 200 200 200 200"),
    Row("GET", "/shared/{share}/feed/",          "200 200 200 200 200 200 200 200"),
    Row("GET", "/taste/",                        "200 200 200 200 200 200 200 200"),
    # Without LISTENBRAINZ no account there can be connected.
    Row("GET", "/account/listenbrainz/",         "302 302 404 302 404 302 404 404"),
    Row("POST", "/account/listenbrainz/",        "302 302 404 302 404 302 404 404"),
    Row("GET", "/account/export/",               "302 200 200 302 200 302 200 200"),
    Row("GET", "/account/delete/",               "200 200 200 200 200 200 200 200"),
    Row("POST", "/account/delete/",              "302 302 302 302 302 302 302 302", CONFIRMED),
    Row("GET", "/about/",                        "200 200 200 200 200 200 200 200"),
    Row("GET", "/privacy/",                      "200 200 200 200 200 200 200 200"),
    Row("GET", "/favicon.ico",                   "302 302 302 302 302 302 302 302"),
    Row("POST", "/theme/",                       "302 302 302 302 302 302 302 302", THEME),
    Row("GET", "/account/",                      "200 200 200 200 200 200 200 200"),
    Row("POST", "/account/",                     "200 200 302 200 302 200 302 302", NAME),
    Row("GET", "/account/tokens/",               "302 302 200 302 200 302 200 200"),
    Row("POST", "/account/tokens/",              "302 302 201 302 201 302 201 201", TOKEN),
    Row("POST", "/account/tokens/{token}/revoke/", "302 302 302 302 404 302 404 404"),
    Row("GET", "/account/sessions/",             "302 302 200 302 200 302 200 200"),
    Row("POST", "/account/sessions/end/",        "302 302 404 302 404 302 404 404", SESSION),
    Row("GET", "/accounts/sessions/",            "302 302 302 302 302 302 302 302"),
    Row("GET", "/accounts/2fa/",                 "302 302 200 302 200 302 200 200"),
    Row("GET", "/accounts/2fa/authenticate/",    "302 302 302 302 302 302 302 302"),
    Row("GET", "/accounts/2fa/reauthenticate/",  "302 302 302 302 302 302 302 302"),
    Row("GET", "/accounts/2fa/totp/activate/",   "302 302 302 302 302 302 302 302"),
    Row("GET", "/accounts/2fa/totp/deactivate/", "302 302 404 302 404 302 404 404"),
    Row("GET", "/accounts/2fa/recovery-codes/",  "302 302 404 302 404 302 404 404"),
    Row("GET", "/accounts/2fa/recovery-codes/generate/", "302 302 302 302 302 302 302 302"),
    Row("GET", "/accounts/2fa/recovery-codes/download/", "302 302 404 302 404 302 404 404"),
    Row("GET", "/accounts/2fa/webauthn/",        "302 302 200 302 200 302 200 200"),
    Row("GET", "/accounts/2fa/webauthn/add/",    "302 302 302 302 302 302 302 302"),
    Row("GET", "/accounts/2fa/webauthn/login/",  "302 302 302 302 302 302 302 302"),
    Row("GET", "/accounts/2fa/webauthn/reauthenticate/", "302 302 302 302 302 302 302 302"),
    Row("GET", "/accounts/2fa/webauthn/keys/1/edit/", "302 302 302 302 302 302 302 302"),
    Row("GET", "/accounts/2fa/webauthn/keys/1/remove/", "302 302 302 302 302 302 302 302"),
    # Without OIDC_SERVER_URL there is no sign-in with an account elsewhere.
    Row("GET", "/accounts/oidc/oidc/login/",     "404 404 404 404 404 404 404 404"),
    Row("GET", "/accounts/oidc/oidc/login/callback/", "404 404 404 404 404 404 404 404"),
    Row("GET", "/health",                        "200 200 200 200 200 200 200 200"),
    Row("GET", "/health/ready",                  "200 200 200 200 200 200 200 200"),
    Row("GET", "/metrics",                       "403 403 403 403 403 403 200 200"),
    Row("GET", "/accounts/login/",               "200 200 302 200 302 200 302 302"),
    Row("GET", "/accounts/signup/",              "200 200 302 200 302 200 302 302"),
    Row("GET", "/accounts/logout/",              "302 302 200 302 200 302 200 200"),
    Row("POST", "/accounts/logout/",             "302 302 302 302 302 302 302 302"),
    Row("GET", "/accounts/inactive/",            "200 200 200 200 200 200 200 200"),
    Row("GET", "/accounts/reauthenticate/",      "302 302 200 302 200 302 200 200"),
    Row("GET", "/accounts/reauthenticate/code/", "302 302 302 302 302 302 302 302"),
    Row("GET", "/accounts/reauthenticate/code/confirm/", "302 302 302 302 302 302 302 302"),
    Row("GET", "/accounts/email/",               "302 302 200 302 200 302 200 200"),
    Row("GET", "/accounts/confirm-email/",       "200 200 200 200 200 200 200 200"),
    Row("GET", "/accounts/password/change/",     "302 302 200 302 200 302 200 200"),
    Row("GET", "/accounts/password/set/",        "302 302 302 302 302 302 302 302"),
    Row("GET", "/accounts/password/reset/",      "200 200 200 200 200 200 200 200"),
    Row("GET", "/accounts/password/reset/done/", "200 200 200 200 200 200 200 200"),
    Row("GET", "/accounts/password/reset/key/done/", "200 200 200 200 200 200 200 200"),
    Row("GET", "/accounts/login/code/confirm/",  "302 302 302 302 302 302 302 302"),
    Row("GET", "/accounts/3rdparty/",            "302 302 200 302 200 302 200 200"),
    Row("GET", "/accounts/3rdparty/signup/",     "302 302 302 302 302 302 302 302"),
    Row("GET", "/accounts/3rdparty/login/cancelled/", "200 200 200 200 200 200 200 200"),
    Row("GET", "/accounts/3rdparty/login/error/", "401 401 401 401 401 401 401 401"),
    # Without GOOGLE_CLIENT_ID there is no sign-in with Google.
    Row("GET", "/accounts/google/login/",        "404 404 404 404 404 404 404 404"),
    Row("GET", "/accounts/google/login/callback/", "404 404 404 404 404 404 404 404"),
    Row("POST", "/accounts/google/login/token/", "404 404 404 404 404 404 404 404"),
]

# Operators' pages. Staff have no permission yet; a page that asks for none is theirs too.
ADMIN = [
    #                                            anon guest list token other serv staff super
    Row("GET", "/admin/",                        "302 302 302 302 302 302 200 200"),
    Row("GET", "/admin/login/",                  "302 302 403 302 403 302 302 302"),
    Row("GET", "/admin/password_change/",        "302 302 302 302 302 302 200 200"),
    Row("GET", "/admin/password_change/done/",   "302 302 302 302 302 302 200 200"),
    Row("GET", "/admin/jsi18n/",                 "302 302 302 302 302 302 200 200"),
    Row("GET", "/admin/autocomplete/",           "302 302 302 302 302 302 403 403"),
    Row("GET", "/admin/music/",                  "302 302 302 302 302 302 404 200"),
    Row("GET", "/admin/nowhere/",                "302 302 302 302 302 302 404 404"),
    Row("GET", "/admin/operations/caches/",      "302 302 302 302 302 302 403 200"),
    Row("GET", "/admin/operations/caches/key/",  "302 302 302 302 302 302 403 302"),
    Row("POST", "/admin/operations/caches/key/delete/", "302 302 302 302 302 302 403 302"),
    Row("POST", "/admin/operations/caches/listener/delete/", "302 302 302 302 302 302 403 302"),
    Row("GET", "/admin/operations/caches/all/delete/", "302 302 302 302 302 302 403 200"),
    Row("POST", "/admin/operations/youtube/ask/", "302 302 302 302 302 302 403 302"),
    Row("POST", "/admin/operations/youtube/reopen/", "302 302 302 302 302 302 403 302"),
    Row("GET", "/admin/operations/listeners/1/suggestions/", "302 302 302 302 302 302 403 404"),
    Row("POST", "/admin/operations/caches/all/delete/", "302 302 302 302 302 302 403 302"),
    Row("GET", "/admin/operations/databases/",   "302 302 302 302 302 302 403 200"),
    Row("POST", "/admin/operations/databases/retry/", "302 302 302 302 302 302 403 302"),
    Row("GET", "/admin/music/userlikedsong/",    "302 302 302 302 302 302 403 200"),
    Row("GET", "/admin/music/userlikedsong/add/", "302 302 302 302 302 302 403 200"),
    Row("GET", "/admin/music/userlikedsong/{like}/change/", "302 302 302 302 302 302 403 200"),
    Row("GET", "/admin/music/userlikedsong/{like}/history/", "302 302 302 302 302 302 403 200"),
    Row("POST", "/admin/music/userlikedsong/{like}/delete/", "302 302 302 302 302 302 403 302", OK),
]
# fmt: on

API = [*ABOUT_A_LISTENER, *(replace(row, kind="nobody") for row in ABOUT_NOBODY)]
ROWS = [*API, *(replace(row, kind="page") for row in (*PAGES, *ADMIN))]
