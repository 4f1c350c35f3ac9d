"""The parameters of password hashing."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class BoundedArgon2Hasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB and two passes, as OWASP's password storage page recommends.

    Django's default takes 100 MiB a hash: a few sign-ins at once would fill a small machine.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
