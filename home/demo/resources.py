"""Resources: articles, leaflets, useful sites."""

from directory.models import ResourceIndexPage, ResourcePage

from .families import Family, body_of, copy_texts
from .files import leaflet
from .records import Record, records


class ResourceFamily(Family[ResourcePage]):
    label = "resources"
    model = ResourcePage
    index_model = ResourceIndexPage

    def records(self) -> list[Record]:
        return records("resource", "resources")

    def build(self, record: Record) -> ResourcePage:
        page = ResourcePage(
            slug=record["slug"],
            title=record["title"],
            summary=record["summary"].strip(),
            kind=record["kind"],
            languages=record["languages"],
            url=record.get("url", ""),
            document=leaflet(record["file"]) if record.get("file") else None,
            easy_text=record["easy_text"].strip(),
            body=body_of("resource", record, record),
        )
        self.set_audience(page, record)
        page.tags.add(*record["tags"])
        return page

    def write_texts(self, page: ResourcePage, record: Record, texts: Record) -> None:
        copy_texts(page, texts, "title", "summary", "easy_text")
        page.body = body_of("resource", record, texts)
