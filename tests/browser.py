"""A real browser for tests: Debian's Chromium, driven by Playwright, that fails on what a visitor should never meet.

The fixtures of ``conftest.py`` use these: ``page`` opens pages of the portal served by ``served``.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock
from urllib.parse import urlsplit

from django.db import connections
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    Response,
    sync_playwright,
)

from tests.servers import chromium

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
#: WCAG 2.2, levels A and AA.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

# Reports of the content security policy that Chromium does not write to the console of a frame.
LISTEN_TO_POLICY = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP: ${event.effectiveDirective} refused ${event.blockedURI} ${event.sample}`);
});
"""


@contextmanager
def run_browser() -> Iterator[Browser]:
    """Chromium, for a whole session of tests; ``ServerMissingError`` when it is not installed."""
    executable = chromium()
    with database_beside_event_loop(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(executable),
            # The sandbox refuses to run as root, and /dev/shm is small in containers.
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        yield browser
        browser.close()


@contextmanager
def database_beside_event_loop() -> Iterator[None]:
    """Lets tests use the database while Playwright keeps an event loop in their thread.

    Django refuses the database in such a thread unless it is told not to; and the connections that it keeps by thread
    would change with the loop, so that what ran before it (the tests' own transactions) would be lost from sight.
    """
    by_context, by_thread = connections._connections, threading.local()
    for alias in connections:
        if hasattr(by_context, alias):
            setattr(by_thread, alias, getattr(by_context, alias))
    with mock.patch.dict(os.environ, DJANGO_ALLOW_ASYNC_UNSAFE="true"):
        connections._connections = by_thread
        yield
        connections._connections = by_context


@dataclass
class Watch:
    """What went wrong in a context. A test that expects a fault takes it out of ``faults``, or allows a host."""

    host: str
    allowed_hosts: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    #: Addresses of other hosts that were asked for, allowed or not.
    foreign: list[str] = field(default_factory=list)

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def on_web_error(self, error: object) -> None:
        self.faults.append(f"script: {getattr(error, 'error', error)}")

    def on_dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != self.host:
            self.foreign.append(request.url)
            if address.netloc not in self.allowed_hosts:
                self.faults.append(f"third party: {request.url}")

    def on_response(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status}: {response.url}")


@contextmanager
def open_context(
    browser: Browser, base_url: str, *, allowed_hosts: set[str] | None = None, **options: object
) -> Iterator[tuple[BrowserContext, Watch]]:
    """A fresh profile; at the end, fails on console errors, refusals of the policy, dialogs and third-party requests.

    No request leaves the machine: those to allowed hosts get an empty answer unless the test routes them.
    ``options`` are Playwright's (``viewport``, ``locale``, ``java_script_enabled``, ``color_scheme``…).
    """
    watch = Watch(host=urlsplit(base_url).netloc, allowed_hosts=allowed_hosts or set())
    context = browser.new_context(base_url=base_url, **{"locale": "fr-FR", **options})
    context.set_default_timeout(15_000)
    context.add_init_script(LISTEN_TO_POLICY)
    context.route(
        lambda url: urlsplit(url).netloc not in ("", watch.host), lambda route: route.fulfill(status=204, body="")
    )
    context.on("console", watch.on_console)
    context.on("weberror", watch.on_web_error)
    context.on("dialog", watch.on_dialog)
    context.on("request", watch.on_request)
    context.on("response", watch.on_response)
    try:
        yield context, watch
    finally:
        context.close()
    assert watch.faults == []


def axe(page: Page, *, exclude: tuple[str, ...] = ()) -> list[str]:
    """Faults of level A or AA in the page as it is now, one line each; ``[]`` is what a test wants.

    The script is evaluated by the debugger, so that the page's policy stays as it is.
    """
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """async ([tags, exclude]) => (await axe.run(
             {include: [["html"]], exclude: exclude.map((one) => [one])},
             {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]},
           )).violations.map((fault) => ({
             id: fault.id,
             help: fault.help,
             nodes: fault.nodes.map((node) => `${node.target.join(" ")}: ${node.html.slice(0, 120)}`),
           }))""",
        [AXE_TAGS, list(exclude)],
    )
    return [f"{fault['id']} ({fault['help']}): {node}" for fault in found for node in fault["nodes"]]
