"""The centres' own sites: their page, their agenda, their activities."""

from directory.models import StructurePage
from events.models import AgendaPage
from home.models import ActivityPage, CentreIndexPage, CentrePage, CentrePhoto
from portal.core.languages import SOURCE_LANGUAGE, language_codes

from .families import Family, body_of, copy_row_texts, copy_texts, set_rows
from .files import drawing, scene_name
from .records import Record, records

ACTIVITY_TEXTS = ("summary", "schedule", "cost_note", "registration_note")


def centre_pages() -> dict[str, CentrePage]:
    """The French pages of the centres by slug."""
    return {page.slug: page for page in CentrePage.objects.sources()}


def with_captions(centre: Record) -> Record:
    """A record with, in each of its languages, what is written below its pictures; scenes have theirs in the file."""
    scenes = {scene["code"]: scene for scene in records("scene", "centres")}

    def captions(language: str) -> list[Record]:
        return [{"caption": scenes[code][language]} for code in centre["photos"]]

    others = {code: {**centre[code], "captions": captions(code)} for code in language_codes() if code in centre}
    return {**centre, "captions": captions(SOURCE_LANGUAGE), **others}


class CentreFamily(Family[CentrePage]):
    label = "centres"
    model = CentrePage
    index_model = CentreIndexPage

    def records(self) -> list[Record]:
        return [with_captions(record) for record in records("centre", "centres")]

    def build(self, record: Record) -> CentrePage:
        page = CentrePage(
            slug=record["slug"],
            title=record["title"],
            summary=record["summary"].strip(),
            structure=StructurePage.objects.sources().get(slug=record["slug"]),
            body=body_of("centre", record, record),
        )
        rows = [
            CentrePhoto(image=drawing(scene_name(record["slug"], scene)), **texts)
            for scene, texts in zip(record["photos"], record["captions"], strict=True)
        ]
        set_rows(page, "photos", rows)
        return page

    def write_texts(self, page: CentrePage, record: Record, texts: Record) -> None:
        copy_texts(page, texts, "title", "summary")
        copy_row_texts(page, "photos", texts["captions"], "caption")
        page.body = body_of("centre", record, texts)


class CentreAgendaFamily(Family[AgendaPage]):
    """One agenda below each centre, named after both."""

    label = "agendas of the centres"
    model = AgendaPage

    def records(self) -> list[Record]:
        agenda = next(record for record in records("page", "pages") if record["slug"] == "agenda")

        def titles(language: str, centre: Record) -> Record:
            return {"title": f"{agenda[language]['title']} – {centre[language]['title']}"}

        return [
            {
                "slug": centre["slug"],
                "title": f"{agenda['title']} – {centre['title']}",
                **{language: titles(language, centre) for language in ("en", "ar") if language in centre},
            }
            for centre in records("centre", "centres")
        ]

    def key(self, page: AgendaPage) -> str:
        return str(page.get_parent().slug)

    def parent(self, record: Record) -> CentrePage:
        return centre_pages()[record["slug"]]

    def build(self, record: Record) -> AgendaPage:
        return AgendaPage(slug="agenda", title=record["title"])

    def write_texts(self, page: AgendaPage, record: Record, texts: Record) -> None:
        copy_texts(page, texts, "title")


class ActivityFamily(Family[ActivityPage]):
    label = "activities"
    model = ActivityPage

    def records(self) -> list[Record]:
        return records("activity", "activities")

    def parent(self, record: Record) -> CentrePage:
        return centre_pages()[record["centre"]]

    def build(self, record: Record) -> ActivityPage:
        page = ActivityPage(
            slug=record["slug"],
            title=record["title"],
            cost=record["cost"],
            body=body_of("activity", record, record),
            **{name: record[name].strip() for name in ACTIVITY_TEXTS},
        )
        self.set_audience(page, record)
        return page

    def write_texts(self, page: ActivityPage, record: Record, texts: Record) -> None:
        copy_texts(page, texts, "title", *ACTIVITY_TEXTS)
        page.body = body_of("activity", record, texts)
