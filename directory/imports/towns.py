"""The municipalities of rows: known ones, and new ones where the source gives their INSEE code."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.core.models import Municipality

from .drafts import Draft
from .mappings import normal
from .surveys import Survey
from .values import Writer


class Towns:
    """Finds the municipality of each row."""

    def __init__(self, writer: Writer, survey: Survey) -> None:
        self.writer = writer
        self.survey = survey
        self.by_name: dict[str, list[Municipality]] = {}
        for town in writer.municipalities.values():
            self.by_name.setdefault(normal(town.name), []).append(town)

    def settle(self, draft: Draft) -> None:
        """Puts the INSEE code into ``values["municipality"]``; empty when nobody can know it."""
        town = draft.town
        insee = town.insee or self.search(town.name, town.postcode)
        if insee and insee not in self.writer.municipalities and not self.survey.name_of(insee):
            insee = ""
        draft.values["municipality"] = insee
        if not insee and town.name and draft.kind == "structure":
            draft.note("municipality", _("the municipality is not known here, its name was put into the address"))
            address = str(draft.values.get("address") or "")
            if normal(town.name) not in normal(address):
                draft.values["address"] = ", ".join(part for part in (address, town.name) if part)[:200]

    def search(self, name: str, postcode: str) -> str:
        """The code of the municipality of this name and postcode; of this name in this county if there is but one."""
        if not name:
            return ""
        if found := self.survey.codes.get((normal(name), postcode)):
            return found
        same = self.by_name.get(normal(name), [])
        exact = [town for town in same if postcode and postcode in town.postcodes.split()]
        near = [town for town in same if postcode and town.insee[:2] == postcode[:2]]
        for towns in (exact, near):
            if len(towns) == 1:
                return towns[0].insee
        return ""

    def town_of(self, draft: Draft) -> Municipality | None:
        return self.writer.municipalities.get(str(draft.values.get("municipality") or ""))

    def make(self, insee: str) -> None:
        """Adds a municipality that the source names: its centre is the middle of its places in the file."""
        if not insee or insee in self.writer.municipalities:
            return
        codes = [code for code, _count in self.survey.postcodes.get(insee, {}).items()][:30]
        centre = self.survey.centre_of(insee)
        town = Municipality(
            insee=insee,
            name=self.survey.name_of(insee),
            postcodes=" ".join(sorted(codes)),
            latitude=centre[0] if centre else None,
            longitude=centre[1] if centre else None,
        )
        try:
            town.full_clean()
            with transaction.atomic():
                town.save()
        except (ValidationError, IntegrityError):
            known = Municipality.objects.filter(insee=insee).first()
            if known is None:
                return
            town = known
        self.writer.municipalities[insee] = town
