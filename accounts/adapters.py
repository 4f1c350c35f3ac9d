"""Hooks of django-allauth: what TuneTrace does differently at sign-up and sign-in."""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.core.mail import EmailMultiAlternatives
from django.http import Http404, HttpRequest
from django.template.defaultfilters import pluralize
from django.template.loader import render_to_string

from tunetrace_site.replication.middleware import begin_unit
from tunetrace_site.replication.unit import on_commit

from .account_forms import verifies_addresses
from .email_ownership import claim_address, prove_address
from .guests import hand_over_guest
from .mail_links import correct_links, get_mail_host
from .middleware import SINCE_SESSION_KEY
from .models import User
from .sign_in_limits import TooFast, admit, forgive

NO_ADDRESS = "0.0.0.0"  # nosec B104
"""The address of a caller through a Unix socket."""


class AccountAdapter(DefaultAccountAdapter):
    """Keeps a guest's likes at sign-up and sign-in, and sends mail only after the commit."""

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in; every method ends here: password, sign-up, Google."""
        begin_unit(request)
        n_likes = hand_over_guest(request, user)
        super().login(request, user)
        if n_likes:
            likes = "like" if n_likes == 1 else f"{n_likes} likes"
            messages.success(request, f"Welcome: your {likes} came along.")
        if user.is_staff:
            request.session[SINCE_SESSION_KEY] = time.time()

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the caller's address past ``TRUSTED_PROXIES``.

        The peer's if the header is invalid.
        """
        try:
            return super().get_client_ip(request)
        except (ImproperlyConfigured, PermissionDenied):
            return request.META.get("REMOTE_ADDR") or NO_ADDRESS

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Slow down password guessing, instead of allauth's limit, which locks the owner out."""
        try:
            admit(self.get_client_ip(request), credentials.get("email", ""))
        except TooFast as error:
            seconds = f"{error.seconds} second{pluralize(error.seconds)}"
            raise ValidationError(
                f"That was too fast. Wait {seconds}, then try again.", code="too_fast"
            ) from None

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return the user with these credentials; a correct password ends the slowing down."""
        user = super().authenticate(request, **credentials)
        if user is not None:
            forgive(self.get_client_ip(request), credentials.get("email", ""))
        return user

    def reauthenticate(self, user: User, password: str) -> bool:
        """Return whether ``password`` is the user's, looked up by the email of the account itself.

        allauth would need an EmailAddress row, which an account made on the command line lacks.
        """
        found = self.authenticate(allauth_context.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Hash the password before the unit of work begins, which includes allauth's other rows."""
        super().save_user(request, user, form, commit=False)
        begin_unit(request)
        if user.email and not verifies_addresses():
            claim_address(user.email)
        if commit:
            user.save()
        return user

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Mark an address as verified.

        If several accounts prove it at once, the first one gets it.
        """
        return prove_address(request, email_address)

    def set_password(self, user: User, password: str) -> None:
        """Set a new password, hashed before the unit of work begins, so that no writer waits."""
        user.set_password(password)
        begin_unit(self.request)
        user.save()

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send mail when the unit of work has committed: it may run twice, or be undone."""
        site = {"name": settings.SITE_NAME, "domain": get_mail_host(self.request)}
        told = {**correct_links(context, self.request), "current_site": site}
        send = super().send_mail
        on_commit(lambda: send(template_prefix, email, told))

    def render_mail(
        self,
        template_prefix: str,
        email: str,
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMultiAlternatives:
        """Return a message with allauth's text, and the same as HTML."""
        message = super().render_mail(template_prefix, email, context, headers)
        page = {"subject": message.subject, "text": message.body, "site_name": settings.SITE_NAME}
        html = render_to_string("account/email/message.html", page)
        message.attach_alternative(html, "text/html")
        return message

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Do nothing: there are no user names, and the model makes the listener's ``user_id``."""


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Sign-in with Google or another provider, where it is configured."""

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """Return the provider's credentials; without them its pages do not exist."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist:
            raise Http404(f"Sign-in with {provider} is not configured here.") from None
