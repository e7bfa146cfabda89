"""News of the last two months."""

from datetime import date, timedelta

from home.models import NewsIndexPage, NewsPage

from .centres import centre_pages
from .families import Family, body_of, copy_texts
from .records import Record, records


class NewsFamily(Family[NewsPage]):
    label = "news"
    model = NewsPage
    index_model = NewsIndexPage

    def __init__(self, today: date) -> None:
        self.today = today

    def records(self) -> list[Record]:
        return records("news", "news")

    def build(self, record: Record) -> NewsPage:
        page = NewsPage(
            slug=record["slug"],
            title=record["title"],
            summary=record["summary"].strip(),
            published_on=self.today - timedelta(days=record["days_ago"]),
            body=body_of("news", record, record),
        )
        centres = centre_pages()
        page.centres = [centres[slug] for slug in record["centres"]]
        return page

    def write_texts(self, page: NewsPage, record: Record, texts: Record) -> None:
        copy_texts(page, texts, "title", "summary")
        page.body = body_of("news", record, texts)
