"""Blocks of pictures."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from portal.images.models import PortalImage


class PictureBlock(blocks.StructBlock):
    image = ImageChooserBlock(
        label=_("picture"), help_text=_("Only a picture whose right of use is recorded. Never a child's face.")
    )
    alt = blocks.CharBlock(
        label=_("what one sees"),
        max_length=200,
        required=False,
        help_text=_("Read aloud to who does not see the picture. Leave empty when it only decorates."),
    )
    caption = blocks.CharBlock(
        label=_("caption"), max_length=200, required=False, help_text=_("Shown below the picture: what, where, when.")
    )

    class Meta:
        icon = "image"
        label = _("Picture")
        description = _("A picture with its caption and credit.")
        template = "blocks/picture.html"
        preview_value = {"image": None, "alt": "", "caption": "La fête du quartier"}

    def get_preview_value(self) -> Any:
        """One of the portal's own pictures, where there is one that may be shown."""
        value = super().get_preview_value()
        value["image"] = PortalImage.objects.exclude(licence="").order_by("pk").first()
        return value
