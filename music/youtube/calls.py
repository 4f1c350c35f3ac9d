"""One call to the API: checked by the breaker, counted in the ledger, retried if that helps."""

import logging
import random
import time
from collections.abc import Callable, Iterable
from functools import cached_property

from googleapiclient.discovery import Resource, build
from googleapiclient.errors import HttpError

from music.errors import (
    KeyRejected,
    QuotaExhausted,
    SourceError,
    SourceNotFound,
    SourceRejected,
    SourceUnavailable,
)
from music.youtube import prepaid, quota
from music.youtube.answers import Answer
from music.youtube.outages import Outage
from music.youtube.refusals import Refusal, RefusalMeaning, is_from_api, read_refusal
from music.youtube.transport import NoAnswer, Transport
from tunetrace_site.machine.breaker import Breaker

GOOGLE_URL = "https://youtube.googleapis.com/"
MAX_ATTEMPTS = 3
BACKOFF_SECONDS = 0.2
KEY_PAUSE_SECONDS = 300.0
"""How long a rejected key is not tried again: even invalid calls cost quota."""

logger = logging.getLogger(__name__)


class _Temporary(Exception):
    """An attempt failed in a way that another attempt may not."""


class GuardedApi:
    """The ``list`` methods of the API for one key and one server; safe for use by many threads."""

    def __init__(
        self,
        *,
        api_key: str,
        endpoint: str | None,
        timeout_seconds: float,
        reset_seconds: float = 5.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base_url = _to_base_url(endpoint)
        self._timeout_seconds = timeout_seconds
        self._sleep = sleep
        self._transport = Transport(
            api_key=api_key,
            base_url=self._base_url,
            connect_timeout_seconds=min(timeout_seconds, 1.0),
            timeout_seconds=timeout_seconds,
        )
        self._collections: dict[str, Resource] = {}
        self.breaker = Breaker("youtube", reset_seconds=reset_seconds, probe=self._probe)
        # Renewed at every probe: it must outlive a probe and the pause after it.
        self.outage = Outage(self._base_url, seconds=2 * reset_seconds + timeout_seconds)
        self.key_breaker = Breaker("youtube-key", reset_seconds=KEY_PAUSE_SECONDS)

    def list(self, resource: str, *, bucket: str, caller: str, **parameters: object) -> Answer:
        """Return the answer of ``<resource>.list``, a JSON object.

        Raises QuotaExhausted, KeyRejected, SourceNotFound or SourceRejected at once, and
        SourceUnavailable when the breaker is open or the last attempt failed. No attempt begins
        later than one time-out after the first: a caller who has waited that long does not wait
        again.
        """
        give_up_at = time.monotonic() + self._timeout_seconds
        for attempt in range(1, MAX_ATTEMPTS + 1):
            self._refuse_while_open()
            reservation = prepaid.reserve(bucket, 1, caller)
            try:
                answer = self._attempt(resource, reservation, parameters)
            except _Temporary as error:
                logger.warning(
                    "YouTube %s.list for %s: attempt %d: %s", resource, caller, attempt, error
                )
                if attempt == MAX_ATTEMPTS or time.monotonic() > give_up_at:
                    break
                self._sleep(random.uniform(0, BACKOFF_SECONDS * 2**attempt))
            else:
                self.breaker.record_success()
                self.key_breaker.record_success()
                return answer
        self.breaker.record_failure()
        self.outage.announce()
        raise self._unavailable("YouTube does not answer.")

    def prepare(self, resources: Iterable[str]) -> None:
        """Read the discovery document now; no network."""
        for resource in resources:
            self._get_collection(resource)

    def _attempt(
        self, resource: str, reservation: quota.Reservation, parameters: dict[str, object]
    ) -> Answer:
        request = self._get_collection(resource).list(**parameters)
        started_at = time.monotonic()
        try:
            answer = request.execute(num_retries=0)
        except NoAnswer as error:
            if not error.reached:
                quota.release(reservation)
            raise _Temporary(str(error)) from None
        except HttpError as error:
            refusal = read_refusal(error.status_code, error.content)
            raise self._to_error(refusal, reservation) from None
        except (ValueError, RecursionError):
            raise _Temporary("the answer is not JSON") from None
        if not isinstance(answer, dict):
            raise _Temporary("the answer is not a JSON object")
        elapsed_ms = 1000 * (time.monotonic() - started_at)
        logger.info("YouTube %s.list for %s: %.0f ms", resource, reservation.caller, elapsed_ms)
        return answer

    def _to_error(self, refusal: Refusal, reservation: quota.Reservation) -> Exception:
        """Return the exception for a refusal, and remember what it says about quota and key."""
        code = f"{refusal.status} {refusal.reason}".strip()
        match refusal.meaning:
            case RefusalMeaning.TRY_AGAIN:
                return _Temporary(f"YouTube answered {code}")
            case RefusalMeaning.QUOTA_GONE:
                until = quota.believe_exhausted(reservation.bucket, reservation.day)
                message = f"YouTube says that today's quota is used up ({code})."
                return QuotaExhausted(message, bucket=reservation.bucket, until=until)
            case RefusalMeaning.KEY_WRONG:
                self.key_breaker.record_failure()
                return _key_rejected(code)
            case RefusalMeaning.NOT_FOUND:
                return SourceNotFound(f"YouTube does not have it ({code}).")
        return SourceRejected(f"YouTube refused the request ({code}).")

    def _refuse_while_open(self) -> None:
        if not self.breaker.allow() or self.outage.is_announced:
            raise self._unavailable("YouTube did not answer a moment ago.")
        if not self.key_breaker.allow():
            raise _key_rejected("a moment ago")

    def _unavailable(self, message: str) -> SourceError:
        return SourceUnavailable(message, retry_after_seconds=self.breaker.reset_seconds)

    def _probe(self) -> None:
        """Raise unless the server is back, by a call without a key, which costs no quota.

        It is refused, and only the API's own refusal counts: a network in between may answer
        anything.
        """
        self.outage.announce()
        status, body = self._transport.ping(f"{self._base_url}youtube/v3/videos?part=id&id=")
        if status >= 500 or not is_from_api(body):
            raise ConnectionError(f"no answer of the API: status {status}")
        self.outage.end()

    def _get_collection(self, resource: str) -> Resource:
        """Return the methods of a resource, cached, since the client would make them anew."""
        if resource not in self._collections:
            self._collections[resource] = getattr(self._service, resource)()
        return self._collections[resource]

    @cached_property
    def _service(self) -> Resource:
        """The client, built from the discovery document that its library ships: no network."""
        return build(
            "youtube",
            "v3",
            http=self._transport,
            static_discovery=True,
            cache_discovery=False,
            client_options={"api_endpoint": self._base_url},
        )


def _key_rejected(code: str) -> KeyRejected:
    return KeyRejected(
        f"YouTube rejects the API key ({code}).",
        hint="Check YOUTUBE_API_KEY, and that the YouTube Data API v3 is enabled for its project.",
    )


def _to_base_url(endpoint: str | None) -> str:
    """Return the address to which the paths of the discovery document are added."""
    base = (endpoint or GOOGLE_URL).rstrip("/").removesuffix("/youtube/v3")
    return f"{base}/"
