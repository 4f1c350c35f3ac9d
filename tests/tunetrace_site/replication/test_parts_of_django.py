"""Parts of Django that are not promised to stay, and that replication replaces or reads.

Each test fails when a version of Django moves its part, where the site would go wrong in silence.
"""

import inspect

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.backends.base import SessionBase
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import ConnectionHandler, transaction
from django.db.backends.sqlite3 import operations
from django.db.utils import ConnectionDoesNotExist
from django.http import HttpResponse

from tunetrace_site.replication.middleware import FreshRequest
from tunetrace_site.replication.router import pinned
from tunetrace_site.replication.sqlite.base import DatabaseOperations


def list_functions_of_transactions():
    """The public functions of ``django.db.transaction`` that may be told a database."""
    return [
        function
        for name, function in vars(transaction).items()
        if inspect.isfunction(function)
        and function.__module__ == transaction.__name__
        and not name.startswith("_")
        and name != "non_atomic_requests"  # it marks a view
    ]


def call_without_database(function):
    given = {
        name: len
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is parameter.empty and name != "using"
    }
    with function(**given):  # what is not a context manager has failed before
        raise RuntimeError("one of them asks for its connection when the block fails")


@pytest.mark.parametrize("function", list_functions_of_transactions(), ids=lambda f: f.__name__)
def test_a_transaction_that_names_no_database_belongs_to_the_unit(function):
    """``transaction.get_connection`` is replaced: all of the module asks it, by that name."""
    with pinned("elsewhere"), pytest.raises(ConnectionDoesNotExist, match="elsewhere"):
        call_without_database(function)


def test_a_request_keeps_all_that_a_view_leaves_in_its_dict(rf):
    """``request.__dict__`` is put back before a view runs again."""
    file = SimpleUploadedFile("likes.csv", b"Yesterday")
    request = rf.post("/?page=2", {"name": "a", "file": file})
    fresh = FreshRequest(request)
    fresh.restore()
    before = set(vars(request))
    assert (request.POST["name"], request.GET["page"]) == ("a", "2")
    assert request.FILES["file"].read() == b"Yesterday"
    request.left_by_a_view = True
    left = set(vars(request)) - before
    assert {"left_by_a_view", "_post", "_files"} <= left
    fresh.restore()
    assert not left & set(vars(request))
    assert request.POST["name"] == "a"
    assert request.FILES["file"].read() == b"Yesterday"


@pytest.mark.django_db
def test_a_request_keeps_its_user_under_one_name(rf):
    """``_cached_user`` is forgotten before a view runs again, and tells whether anybody asked."""
    request = rf.get("/")
    request.session = SessionBase()
    AuthenticationMiddleware(lambda request: HttpResponse()).process_request(request)
    assert "_cached_user" not in vars(request)
    assert not request.user.is_authenticated
    assert "_cached_user" in vars(request)


def test_sqlite_asks_its_operations_for_the_compiler(settings):
    """``compiler_module`` is a property here: of several machines each gives keys of its own."""
    handler = ConnectionHandler(
        {"default": django_settings.DATABASES["default"] | {"ENGINE": "django.db.backends.sqlite3"}}
    )
    ours = DatabaseOperations(handler["default"])
    settings.SEVERAL_MACHINES = False
    django_own = operations.DatabaseOperations(handler["default"])
    assert type(ours.compiler("SQLInsertCompiler")) is type(
        django_own.compiler("SQLInsertCompiler")
    )
    settings.SEVERAL_MACHINES = True
    ours = DatabaseOperations(handler["default"])
    assert ours.compiler("SQLInsertCompiler").__module__ == (
        "tunetrace_site.replication.sqlite.compiler"
    )


def ask_sqlite(engine, statement, params):
    """The answer of a database in memory, asked through a backend."""
    in_memory = django_settings.DATABASES["default"] | {"NAME": ":memory:", "OPTIONS": {}}
    handler = ConnectionHandler({"default": in_memory | {"ENGINE": engine}})
    with handler["default"].cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchone()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "engine", ["tunetrace_site.replication.sqlite_alone", "tunetrace_site.replication.sqlite"]
)
@pytest.mark.parametrize(
    ("statement", "params"),
    [
        ("SELECT %s, %s", [1, "100%"]),
        ("SELECT '%%s', '5 %%', %s", ["%s"]),
        ("SELECT %(b)s, %(a)s", {"a": 1, "b": 2}),
        ("SELECT '%s'", None),
        (f"SELECT '{'long ' * 2000}', %s", [2]),
    ],
    ids=["plain", "percent", "named", "none", "long"],
)
def test_sqlite_reads_placeholders_as_django_does(engine, statement, params):
    """Django's own translation is replaced by one that is kept."""
    expected = ask_sqlite("django.db.backends.sqlite3", statement, params)
    assert [ask_sqlite(engine, statement, params) for _ in range(2)] == [expected] * 2
