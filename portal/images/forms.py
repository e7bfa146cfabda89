"""The form of a picture."""

from django.utils.translation import gettext_lazy as _
from wagtail.images.forms import BaseImageForm


class PortalImageForm(BaseImageForm):
    class Meta(BaseImageForm.Meta):
        help_texts = {
            "title": _("What the picture is, so that you find it again. Visitors do not see it."),
            "description": _(
                "What one sees, for those who do not see it, such as “Three bowls of fruit on a table”. Used where a "
                "page says nothing else."
            ),
            "collection": _("A drawer for pictures. Leave it as it is when in doubt."),
            "tags": _("Words to find the picture again, separated by commas."),
        }
