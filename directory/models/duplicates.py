"""What editors decided about sheets that look alike."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .structures import StructurePage


class DuplicateVerdict(models.Model):
    """Two sheets that somebody looked at; ``one`` has the lower key, so that a pair stands here once."""

    class Verdict(models.TextChoices):
        DIFFERENT = "different", _("two places")
        MERGED = "merged", _("merged")

    one = models.ForeignKey(StructurePage, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(StructurePage, on_delete=models.CASCADE, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    decided_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("decision about two sheets")
        verbose_name_plural = _("decisions about sheets")
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="directory_verdict_unique"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="directory_verdict_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} {self.verdict} {self.other_id}"
