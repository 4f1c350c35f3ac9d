"""Settings of the tests: the real ones, in an environment that nothing outside can reach into."""

import atexit
import os
import shutil
import tempfile

_KEPT = {"PATH", "HOME", "TMPDIR", "LANG", "VIRTUAL_ENV", "CI", "DJANGO_SETTINGS_MODULE"}
for _name in set(os.environ) - _KEPT:
    if not _name.startswith(("PYTEST_", "PYTHON", "OPENBLAS_", "OMP_", "COV_", "LC_")):
        del os.environ[_name]
_state_dir = tempfile.mkdtemp(prefix="tunetrace-tests-")
atexit.register(shutil.rmtree, _state_dir, ignore_errors=True)
# Several test processes share the processors: threads of BLAS would only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ |= {
    "STATE_DIR": _state_dir,
    "SQLITE_DATABASE_URL": f"sqlite:///{_state_dir}/unused.db",
    "SECRET_KEY": "a-key-for-tests-that-is-long-enough-to-satisfy-every-check-of-django",
    "INDEX_AUTO_BUILD": "false",
    "YOUTUBE_OEMBED": "false",
    # Tests of admin sign in by force; those of the second factor ask for it.
    "OPERATORS_NEED_SECOND_FACTOR": "false",
    "ANONYMOUS_REQUESTS_PER_MINUTE": "1000000",
    "LISTENER_REQUESTS_PER_MINUTE": "1000000",
    "PAGES_PER_MINUTE": "1000000",
}

from tunetrace_site.settings import *  # noqa: E402, F403
from tunetrace_site.settings import DATABASES  # noqa: E402

# A file, not memory: threads of a live server and the test itself share it as in real life.
# Its tables are made from the models: the migrations have tests of their own, on real databases.
DATABASES["default"]["TEST"] = {"NAME": f"{_state_dir}/test.db", "MIGRATE": False}
# The tests kill processes, not machines: nothing need reach the disk before it is answered.
DATABASES["default"]["OPTIONS"]["init_command"] += "; PRAGMA synchronous=OFF"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one takes 0.2 s
STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
