"""What TuneTrace does its own way when somebody signs up or in (django-allauth's hooks)."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.http import Http404, HttpRequest

from tunetrace_site.replication.middleware import begin_unit
from tunetrace_site.replication.unit import on_commit

from .guests import adopt_guest
from .models import User


class AccountAdapter(DefaultAccountAdapter):
    """Signing up or in keeps what was liked as a guest; a mail follows the commit."""

    def login(self, request: HttpRequest, user: User) -> None:
        """Every way in ends here: password, sign-up, Google."""
        begin_unit(request)
        adopt_guest(request, user)
        super().login(request, user)

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Hash the password before the unit begins; allauth's other rows belong to it."""
        super().save_user(request, user, form, commit=False)
        begin_unit(request)
        if commit:
            user.save()
        return user

    def set_password(self, user: User, password: str) -> None:
        """Hash before the unit begins, here as well."""
        user.set_password(password)
        begin_unit(self.request)
        user.save()

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send when the unit has committed: it may run twice, or be undone."""
        send = super().send_mail
        on_commit(lambda: send(template_prefix, email, context))

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There are no usernames: the listener's ``user_id`` is made by the model."""


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Sign-in with Google, where it is configured."""

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """The provider's credentials; without them there is no such page."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist:
            raise Http404(f"Sign-in with {provider} is not configured here.") from None
