"""The custom image, there from the first migration: each picture says whose it is and under which right."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Image


class PortalImage(AbstractImage):
    credit = models.CharField(
        _("credit"), max_length=200, blank=True, help_text=_("Who made the picture. Never the name of a child.")
    )
    licence = models.CharField(
        _("right to use"),
        max_length=200,
        blank=True,
        help_text=_("The licence, or where the signed image rights are kept."),
    )

    admin_form_fields = (*Image.admin_form_fields, "credit", "licence")

    class Meta(AbstractImage.Meta):
        verbose_name = _("image")
        verbose_name_plural = _("images")

    @property
    def has_right(self) -> bool:
        """Somebody has written down by which right the picture may be shown."""
        return bool(self.licence.strip())


class PortalRendition(AbstractRendition):
    image = models.ForeignKey(PortalImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)
