"""The words of the two glossaries."""

from collections.abc import Iterable

from django.db import transaction

from glossary.models import Definition, GlossaryIndexPage, TermPage
from home.seeding.pages import publish
from portal.core.indexing import index_gathered

from .families import Family, copy_row_texts, copy_texts, set_rows
from .files import drawing
from .records import Record, records


class TermFamily(Family[TermPage]):
    label = "words"
    model = TermPage
    index_model = GlossaryIndexPage

    def records(self) -> list[Record]:
        return records("term", "terms_digital", "terms_parenting")

    def build(self, record: Record) -> TermPage:
        page = TermPage(
            slug=record["slug"],
            title=record["title"],
            summary=record["summary"].strip(),
            collection=record["collection"],
            kind=record["kind"],
            spellings=", ".join(record["spellings"]),
            typed=", ".join(record["typed"]),
            is_ambiguous=record.get("is_ambiguous", False),
        )
        page.themes = [self.themes[slug] for slug in record["themes"]]
        set_rows(page, "definitions", [self._definition(row) for row in record["definition"]])
        page.tags.add(*record["tags"])
        return page

    def _definition(self, row: Record) -> Definition:
        return Definition(
            text=row["text"].strip(),
            example=row["example"].strip(),
            origin=row["origin"],
            group=row.get("group", ""),
            drawing=drawing(row["drawing"]) if row.get("drawing") else None,
        )

    @transaction.atomic
    def create(self, missing: Iterable[Record]) -> dict[str, TermPage]:
        """All in one transaction: words send to one another, so each needs the others before it is published."""
        fresh = {}
        for record in missing:
            page = fresh[record["slug"]] = self.build(record)
            self.parent(record).add_child(instance=page)
        known = self.existing()
        for record in missing:
            page = fresh[record["slug"]]
            page.see_also = [known[slug] for slug in record["see_also"]]
            page.save(update_fields=["see_also"], clean=False)
            publish(page)
        index_gathered()
        return fresh

    def write_texts(self, page: TermPage, record: Record, texts: Record) -> None:
        """Other names stay as they are: a reader meets them in French texts, whatever the language of the portal."""
        copy_texts(page, texts, "title", "summary")
        copy_row_texts(page, "definitions", texts["definition"], "text", "example")
