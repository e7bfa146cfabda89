"""The outbox, against a real mail server."""

import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage as Message

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.mail import EmailMultiAlternatives, send_mail
from django.db import connection, transaction
from post_office.models import STATUS, Attachment, Email, Log
from post_office.utils import create_attachments

from portal.core import outbox, periodic
from portal.core.outbox import erase_outbox, queue_mail, send_outbox
from tests.servers import silent_server, smtp_sink

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as clock:
        yield clock


@pytest.fixture
def server(settings):
    """A mail server, and the portal set to send through it."""
    with smtp_sink() as sink:
        settings.EMAIL_BACKEND = "portal.core.outbox.EmailBackend"
        settings.POST_OFFICE = {**settings.POST_OFFICE, "BACKENDS": {"default": SMTP}}
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = sink.host, sink.port, 2
        yield sink


SMTP = "django.core.mail.backends.smtp.EmailBackend"
MAIL = {"to": "parent@example.org", "subject": "Votre demande", "body": "Bonjour"}


def now():
    return datetime.now(tz=UTC)


def send():
    return send_outbox(now())


def assert_erased(email):
    email.refresh_from_db()
    assert (email.to, email.cc, email.bcc) == ([], [], [])
    assert (email.subject, email.message, email.html_message) == ("", "", "")
    assert (email.headers, email.context) == (None, None)
    assert not email.attachments.exists()
    assert not email.logs.exclude(message="").exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM post_office_email WHERE id = %s", [email.pk])
        assert "parent@" not in str(cursor.fetchone())


# --- Writing ---------------------------------------------------------------------------------------------------------


def test_writing_uses_no_network(server, django_assert_max_num_queries):
    server.stop()
    with django_assert_max_num_queries(4):
        (email,) = queue_mail(**MAIL, reply_to="centre@example.org", html="<p>Bonjour</p>")
    assert email.status == STATUS.queued
    assert email.to == ["parent@example.org"]
    assert email.headers == {"Reply-To": "centre@example.org"}


def test_a_mail_goes_away_with_its_transaction(server):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        queue_mail(**MAIL)
        1 / 0  # noqa: B018
    assert not Email.objects.exists()


def test_each_recipient_gets_a_mail_of_its_own(server):
    queue_mail(to=["a@example.org", "b@example.org"], subject="S", body="B")
    assert send() == "2 sent, 0 put off"
    assert [message["To"] for message in server.messages] == ["a@example.org", "b@example.org"]


@pytest.mark.parametrize("address", ["", "nobody", "a@example.org\nBcc: b@example.org", "a@b@c"])
def test_an_address_that_is_none_is_refused(server, address):
    with pytest.raises(ValidationError):
        queue_mail(**{**MAIL, "to": address})
    with pytest.raises(ValidationError):
        queue_mail(**MAIL, reply_to=address)
    assert not Email.objects.exists()


def test_text_of_visitors_is_neither_a_template_nor_a_header(server):
    body = "{{ settings.SECRET_KEY }} {% boom %} l'été\n.\nfin"
    queue_mail(to='"Durand, Aïcha" <a@example.org>', subject="Une\r\nBcc: x@example.org {% if", body=body)
    send()
    (message,) = server.messages
    assert message["Subject"] == "Une Bcc: x@example.org {% if"
    assert message["Bcc"] is None
    assert message.get_content().replace("\r\n", "\n").rstrip("\n") == body
    assert server.recipients == ["a@example.org"]


# --- Sending ---------------------------------------------------------------------------------------------------------


def test_sent_then_erased_at_once(server):
    (email,) = queue_mail(**MAIL, reply_to="centre@example.org", html="<p>Bonjour</p>")
    assert send() == "1 sent, 0 put off"
    (message,) = server.messages
    assert isinstance(message, Message)
    assert (message["To"], message["Reply-To"]) == ("parent@example.org", "centre@example.org")
    assert message["Subject"] == "Votre demande"
    assert message.get_body(("plain",)).get_content().strip() == "Bonjour"
    assert message.get_body(("html",)).get_content().strip() == "<p>Bonjour</p>"
    email.refresh_from_db()
    assert email.status == STATUS.sent
    assert_erased(email)
    assert send() is None


def test_a_dead_server_puts_all_off_with_a_growing_delay(server, clock):
    server.stop()
    queue_mail(to=[f"a{number}@example.org" for number in range(120)], subject="S", body="B")
    delays = []
    for _ in range(8):
        assert send() == "0 sent, 120 put off: ConnectionRefusedError"
        assert send() is None
        due_at = set(Email.objects.values_list("scheduled_time", flat=True))
        assert len(due_at) == 1
        delays.append(due_at.pop() - now())
        clock.shift(delays[-1] - timedelta(seconds=1))
        assert send() is None
        clock.shift(timedelta(seconds=1))
    minute, hour, day = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
    assert delays == [minute, 5 * minute, 30 * minute, 2 * hour, 6 * hour, day, day, day]

    server.start()
    assert send() == "50 sent, 0 put off"
    assert send() == "50 sent, 0 put off"
    assert send() == "20 sent, 0 put off"
    assert len(set(server.recipients)) == 120


def test_given_up_and_erased_after_seven_days(server, clock):
    server.refusals["*"] = "451 parent@example.org: try later"
    (email,) = queue_mail(**MAIL, reply_to="centre@example.org")
    sent_at = []
    while now() < START + timedelta(days=8):
        if send():
            sent_at.append(now() - START)
        erase_outbox(now())
        email.refresh_from_db()
        if now() < START + timedelta(days=7):
            assert email.to == ["parent@example.org"]
            assert Log.objects.filter(message__contains="parent@example.org").exists()
        else:
            assert email.status == STATUS.failed
            assert_erased(email)
        clock.shift(timedelta(minutes=30))
    assert len(sent_at) == 12
    assert sent_at[-1] < timedelta(days=7)
    assert server.messages == []
    assert email.logs.count() == 12


def test_a_mail_beyond_seven_days_is_not_sent_even_before_it_is_given_up(server, clock):
    queue_mail(**MAIL)
    clock.shift(timedelta(days=7))
    assert send() is None


def test_a_refused_mail_holds_up_no_other(server, clock):
    server.refusals["gone@example.org"] = "550 gone@example.org: no such user"
    queue_mail(to=["gone@example.org", "a@example.org", "b@example.org"], subject="S", body="B")
    assert send() == "2 sent, 1 put off"
    assert server.recipients == ["a@example.org", "b@example.org"]
    log = Log.objects.get()
    assert log.exception_type == "SMTPRecipientsRefused"
    del server.refusals["gone@example.org"]
    clock.shift(timedelta(minutes=1))
    assert send() == "1 sent, 0 put off"
    log.refresh_from_db()
    assert log.message == ""


def test_mails_upon_which_the_server_hangs_up_end_the_run_but_starve_nobody(server, clock):
    bad = [f"bad{number}@example.org" for number in range(5)]
    server.hang_ups.update(bad)
    queue_mail(to=[*bad, "good@example.org"], subject="S", body="B")
    assert send() == "0 sent, 3 put off"
    assert send() == "1 sent, 2 put off"
    assert server.recipients == ["good@example.org"]
    queue_mail(**MAIL)
    clock.shift(timedelta(minutes=1))
    assert send() == "1 sent, 3 put off"


def test_a_silent_server_costs_one_time_out(server, settings):
    settings.EMAIL_TIMEOUT = 1
    with silent_server() as port:
        settings.EMAIL_PORT = port
        queue_mail(to=[f"a{number}@example.org" for number in range(30)], subject="S", body="B")
        started = time.monotonic()
        assert send().startswith("0 sent, 30 put off")
        assert time.monotonic() - started < 4


def test_a_long_queue_is_left_to_the_next_run(server, monkeypatch):
    monkeypatch.setattr(outbox, "RUN_SECONDS", -1)
    queue_mail(**MAIL)
    assert send() == "0 sent, 0 put off"
    monkeypatch.undo()
    periodic.stopping.set()
    try:
        assert send() == "0 sent, 0 put off"
    finally:
        periodic.stopping.clear()
    assert send() == "1 sent, 0 put off"


def test_two_senders_send_a_mail_once(server, monkeypatch):
    (email,) = queue_mail(**MAIL)
    seen_by_both = list(outbox._due(now()))
    assert outbox._claim(Email.objects.get(pk=email.pk))
    assert not outbox._claim(seen_by_both[0])
    assert send() is None


def test_a_sender_that_died_leaves_its_mail_to_the_next(server, clock):
    (email,) = queue_mail(**MAIL)
    assert outbox._claim(email)
    clock.shift(outbox.CLAIMED_FOR)
    assert send() == "1 sent, 0 put off"


def test_nobody_is_named_in_logs(server, caplog):
    server.refusals["*"] = "550 parent@example.org is unknown"
    queue_mail(**MAIL)
    result = send()
    server.stop()
    queue_mail(**MAIL)
    result += send()
    assert len(caplog.records) == 2
    assert "parent" not in caplog.text + result


# --- Mails of Django and Wagtail -------------------------------------------------------------------------------------


def test_mails_of_the_libraries_follow_the_same_way(server, clock):
    server.stop()
    assert send_mail("Page {% soumise", "{{ titre }}", None, ["parent@example.org"], html_message="<b>{{ x }}</b>") == 1
    assert send().startswith("0 sent, 1 put off")
    clock.shift(timedelta(minutes=1))
    server.start()
    assert send() == "1 sent, 0 put off"
    (message,) = server.messages
    assert message["Subject"] == "Page {% soumise"
    assert message.get_body(("plain",)).get_content().strip() == "{{ titre }}"
    assert_erased(Email.objects.get())


def test_copies_and_attachments_are_sent_and_erased(server, django_capture_on_commit_callbacks):
    mail = EmailMultiAlternatives(
        "S", "B", None, ["parent@example.org"], bcc=["parent@bcc.example.org"], cc=["parent@cc.example.org"]
    )
    mail.attach("été.txt", "Bonjour", "text/plain")
    mail.send()
    file = Attachment.objects.get().file
    path, storage = file.name, file.storage
    with django_capture_on_commit_callbacks(execute=True):
        assert send() == "1 sent, 0 put off"
    assert len(server.recipients) == 3
    (attachment,) = server.messages[0].iter_attachments()
    assert (attachment.get_filename(), attachment.get_content().strip()) == ("été.txt", "Bonjour")
    assert_erased(Email.objects.get())
    assert not Attachment.objects.exists()
    assert not storage.exists(path)


def test_an_unusable_address_of_a_library_is_dropped_only_when_it_says_so(server):
    with pytest.raises(ValidationError):
        send_mail("S", "B", None, ["nobody"])
    assert send_mail("S", "B", None, ["nobody"], fail_silently=True) == 0
    assert not Email.objects.exists()


# --- Erasing ---------------------------------------------------------------------------------------------------------


def test_what_another_sender_left_behind_is_erased(server):
    """``manage.py send_queued_mail`` of post-office, say."""
    (email,) = queue_mail(**MAIL)
    email.attachments.add(*create_attachments({"a.txt": ContentFile(b"x")}))
    Email.objects.update(status=STATUS.sent)
    assert erase_outbox(now()) == "0 given up, 1 erased"
    assert_erased(email)
    assert erase_outbox(now()) is None


def test_a_mail_that_waits_is_not_erased(server, clock):
    queue_mail(**MAIL)
    clock.shift(timedelta(days=6, hours=23))
    assert erase_outbox(now()) is None
    assert Email.objects.get().message == "Bonjour"


def test_rows_are_dropped_after_ninety_days(server, clock):
    queue_mail(**MAIL)
    send()
    clock.shift(timedelta(days=89))
    erase_outbox(now())
    assert Email.objects.count() == 1
    clock.shift(timedelta(days=1))
    erase_outbox(now())
    assert Email.objects.count() == 0


def test_both_jobs_are_registered():
    every = {job.name: job.every for job in periodic.jobs()}
    assert every["send_outbox"] == timedelta(seconds=10)
    assert every["erase_outbox"] <= timedelta(hours=1)
