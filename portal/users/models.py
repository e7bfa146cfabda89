"""The custom user, there from the first migration."""

from django.contrib.auth.models import AbstractUser
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A member of the team of a centre or of a partner. Readers have no account."""

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment] # lazy text, as Django allows
        verbose_name_plural = _("users")  # type: ignore[assignment] # lazy text, as Django allows
