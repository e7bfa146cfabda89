"""What the geocoder said of each sheet's address: kept beside the sheet, for editors and for the next attempt."""

from django.db import models

from .structures import StructurePage


class PositionCheck(models.Model):
    """One row for each sheet that was asked about. No reader sees it: its table is one of ``versions.QUIET``."""

    class State(models.TextChoices):
        #: To be asked, perhaps again: ``problem`` says what went wrong, ``next_at`` from when it is worth trying.
        PENDING = "pending"
        PLACED = "placed"
        #: Doubtful: an editor decides. Readers are shown the municipality.
        WAITING = "waiting"
        NOTHING = "nothing"
        ACCEPTED = "accepted"
        REFUSED = "refused"

    structure = models.OneToOneField(StructurePage, on_delete=models.CASCADE, related_name="position_check")
    #: The address that was asked, as ``positions.address_key`` writes it: another one is asked anew.
    asked = models.CharField(max_length=400)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    #: Code of why: one of ``positions.PROBLEMS``, or a reason of ``GeocoderUnavailable``.
    problem = models.CharField(max_length=20, blank=True)
    label = models.CharField(max_length=300, blank=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    precision = models.CharField(max_length=20, blank=True)
    score = models.FloatField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        # ``manage.py geocode`` and the report look for these.
        indexes = [models.Index(fields=["state", "next_at"], name="directory_position_state")]

    def __str__(self) -> str:
        return f"{self.structure_id}: {self.state}"
