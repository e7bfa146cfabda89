"""The photo gallery of a centre: only pictures that may be shown."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel

from portal.core.sourced import SourcedRow


class CentrePhoto(SourcedRow):
    """A picture of a centre. The picture is a fact, its caption a text; whose it is stands on the picture itself."""

    FACTS = ("image",)

    page = ParentalKey("home.CentrePage", on_delete=models.CASCADE, related_name="photos")
    image = models.ForeignKey(
        "images.PortalImage",
        verbose_name=_("picture"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("A place, an object, hands at work. No face of a child. Its right to use must be recorded."),
    )
    caption = models.CharField(
        _("caption"),
        max_length=150,
        blank=True,
        help_text=_("A few words below the picture, for example “The garden”."),
    )

    panels = [FieldPanel("image"), FieldPanel("caption")]

    class Meta(SourcedRow.Meta):
        verbose_name = _("photo")
        verbose_name_plural = _("photos")

    def clean_facts(self) -> None:
        super().clean_facts()
        if self.image is None:
            raise ValidationError({"image": _gettext("Choose a picture.")})
        if not self.image.has_right:
            raise ValidationError(
                {
                    "image": _gettext(
                        "Nobody has written down by which right this picture may be shown. "
                        "Open the picture, fill in “right to use”, then choose it again."
                    )
                }
            )

    def __str__(self) -> str:
        return self.caption or str(self.image or "")
