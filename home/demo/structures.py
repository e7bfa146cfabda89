"""Structures: the centres and their federation, public places, made-up examples."""

from datetime import date

from directory.models import DirectoryIndexPage, Permanence, Service, StructurePage

from .families import Family, copy_row_texts, copy_texts, set_rows
from .records import Record, records

TEXTS = ("summary", "description", "access_conditions", "easy_text", "way_there", "notice")
SERVICE_TEXTS = ("name", "description", "schedule", "conditions", "booking", "cost_note", "audience_note")
PERMANENCE_TEXTS = ("role", "booking")
SAME_FACTS = (
    *("kind", "address", "postcode", "position_precision", "position_source", "phone", "email", "website"),
    *("opening_hours", "cost", "languages", "access", "source", "source_id", "licence", "is_example"),
)
#: Facts that few records have; the others leave the field empty.
RARE_FACTS = ("holiday_hours", "hours_text", "address_complement", "acceslibre_url")
RARE_SERVICE_FACTS = ("opening_hours", "hours_text", "modes", "mobilisation", "referrers", "phone", "email", "url")


class StructureFamily(Family[StructurePage]):
    label = "structures"
    model = StructurePage
    index_model = DirectoryIndexPage

    def records(self) -> list[Record]:
        return records("structure", "structures_centres", "structures_public", "structures_examples")

    def build(self, record: Record) -> StructurePage:
        page = StructurePage(
            slug=record["slug"],
            title=record["title"],
            municipality=self.municipalities[record["insee"]] if record["insee"] else None,
            latitude=record["lat"],
            longitude=record["lon"],
            checked_on=date.fromisoformat(record["checked_on"]) if "checked_on" in record else None,
            is_to_check=record["to_check"],
            **{name: record[name] for name in SAME_FACTS},
            **{name: record[name] for name in RARE_FACTS if name in record},
            **{name: record.get(name, "").strip() for name in TEXTS},
        )
        self.set_audience(page, record)
        set_rows(page, "services", [self._service(row) for row in record.get("service", [])])
        set_rows(page, "permanences", [self._permanence(row) for row in record.get("permanence", [])])
        page.tags.add(*record["tags"])
        return page

    def _service(self, row: Record) -> Service:
        service = Service(
            kind=row["kind"],
            cost=row["cost"],
            **{name: row[name] for name in RARE_SERVICE_FACTS if name in row},
            **{name: row.get(name, "").strip() for name in SERVICE_TEXTS},
        )
        service.themes = [self.themes[slug] for slug in row["themes"]]
        service.audiences = [self.audiences[slug] for slug in row["audiences"]]
        return service

    def _permanence(self, row: Record) -> Permanence:
        return Permanence(role=row["role"], opening_hours=row["opening_hours"], booking=row["booking"])

    def write_texts(self, page: StructurePage, record: Record, texts: Record) -> None:
        copy_texts(page, texts, "title", *TEXTS)
        copy_row_texts(page, "services", texts.get("service", []), *SERVICE_TEXTS)
        copy_row_texts(page, "permanences", texts.get("permanence", []), *PERMANENCE_TEXTS)
