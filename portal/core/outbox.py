"""The outbox: every mail is a row first, written in the same transaction as what it tells, and sent afterwards.

Rows are those of django-post-office. ``queue_mail`` and Django's own ``send_mail`` (through ``EmailBackend``, below)
only write; ``send_outbox``, a periodic job, talks to the mail server. A mail that cannot be sent is tried again with a
growing delay for seven days. Recipient, subject and body are erased once it is sent, and after seven days in any case.
"""

import contextlib
import functools
import logging
import smtplib
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from post_office.models import STATUS, Attachment, Email, Log
from post_office.settings import get_backend
from post_office.utils import create_attachments, parse_priority
from post_office.validators import validate_email_with_name

from portal.core.periodic import stopping

logger = logging.getLogger(__name__)

RETRY_DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=24),
)
KEPT_FOR = timedelta(days=7)  # recipient and text of a mail that could not be sent
ROW_KEPT_FOR = timedelta(days=90)  # what is left then: dates and fate, nobody's name
# A mail being sent is set aside for so long; a process that dies in between leaves it to the next after that time.
CLAIMED_FOR = timedelta(minutes=10)
BATCH_SIZE = 50
# One call of send_outbox starts no mail after so many seconds, nor after so many mails lost in a row to the network.
RUN_SECONDS = 30
NETWORK_FAILURES = 3

SUBJECT_LENGTH = 989  # of post-office's column
NOTHING = {"to": "", "cc": "", "bcc": "", "subject": "", "message": "", "html_message": ""}


# --- Writing ---------------------------------------------------------------------------------------------------------


def queue_mail(
    *,
    to: str | Iterable[str],
    subject: str,
    body: str,
    reply_to: str | Iterable[str] | None = None,
    html: str | None = None,
) -> list[Email]:
    """Write one mail for each recipient, in the current transaction; nothing is sent and no network is used here.

    Line breaks of the subject become spaces. Raises ``ValidationError`` on an address that is none.
    """
    recipients = [to] if isinstance(to, str) else list(to)
    answers = [reply_to] if isinstance(reply_to, str) else list(reply_to or [])
    with transaction.atomic():
        return [
            _write(EmailMessage(subject, body, to=[recipient], reply_to=answers), html=html or "")
            for recipient in recipients
        ]


class EmailBackend(BaseEmailBackend):
    """``settings.EMAIL_BACKEND``: what Django and Wagtail send by themselves goes into the outbox too.

    Unlike post-office's own backend it does not read the text as a Django template: a title with ``{%`` is only text.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the mails and give their number; an address that is none raises unless ``fail_silently``."""
        written = 0
        for message in email_messages:
            alternatives = getattr(message, "alternatives", None) or []
            html = next((str(part[0]) for part in alternatives if part[1] == "text/html"), "")
            try:
                with transaction.atomic():
                    email = _write(message, html=html)
                    if files := _files(message):
                        email.attachments.add(*create_attachments(files))
            except ValidationError:
                if not self.fail_silently:
                    raise
                logger.warning("A mail with an unusable address was dropped", exc_info=True)
            else:
                written += 1
        return written


def _write(message: EmailMessage, *, html: str) -> Email:
    headers = {name: " ".join(str(value).split()) for name, value in message.extra_headers.items()}
    if message.reply_to:
        headers.setdefault("Reply-To", ", ".join(_address(address) for address in message.reply_to))
    email = Email(
        from_email=message.from_email,
        to=[_address(address) for address in message.to],
        cc=[_address(address) for address in message.cc],
        bcc=[_address(address) for address in message.bcc],
        subject=" ".join(str(message.subject).split())[:SUBJECT_LENGTH],
        message=str(message.body),
        html_message=html,
        headers=headers or None,
        priority=parse_priority(None),
        status=STATUS.queued,
        number_of_retries=0,
    )
    email.save()
    return email


def _address(text: str) -> str:
    """A valid address, on one line; without its name when that holds a comma, for the column is split at commas."""
    address = " ".join(str(text).split())
    if "," in address:
        address = parseaddr(address)[1] or address
    validate_email_with_name(address)
    return address


def _files(message: EmailMessage) -> dict[str, dict[str, object]]:
    files: dict[str, dict[str, object]] = {}
    for part in message.attachments:
        if not isinstance(part, tuple):
            raise TypeError("The outbox takes attachments as (name, content, type) only.")
        name, content, mimetype = part
        data = content.encode() if isinstance(content, str) else content
        files[name or "attachment"] = {"file": ContentFile(data), "mimetype": mimetype}
    return files


# --- Sending: only from the periodic job -----------------------------------------------------------------------------


def send_outbox(now: datetime) -> str | None:
    """Send what is due and say how it went, naming nobody; ``None`` when nothing was due.

    A server that cannot be reached puts off all that is due at the cost of one time-out. A mail that the server refuses
    puts off only itself.
    """
    if not _due(now).exists():
        return None
    connection = get_connection(get_backend(), fail_silently=False)
    try:
        connection.open()
    except Exception as error:  # noqa: BLE001 - whatever a mail server or its library does, mails wait
        _close(connection)
        put_off = _put_off_all(timezone.now())
        logger.warning("The mail server cannot be reached (%s): %s mails put off", type(error).__name__, put_off)
        return f"0 sent, {put_off} put off: {type(error).__name__}"
    try:
        sent, put_off = _send_batch(connection, list(_due(now)[:BATCH_SIZE]))
    finally:
        _close(connection)
    return f"{sent} sent, {put_off} put off"


def erase_outbox(now: datetime) -> str | None:
    """Give up mails older than seven days, erase whatever text and addresses are left behind, drop very old rows."""
    old = Email.objects.filter(created__lte=now - KEPT_FOR)
    given_up = old.exclude(status__in=[STATUS.sent, STATUS.failed]).update(status=STATUS.failed, last_updated=now)
    if given_up:
        logger.warning("%s mails could not be sent within %s days and are given up", given_up, KEPT_FOR.days)
    empty = Q(**NOTHING, headers__isnull=True, context__isnull=True)
    finished = Email.objects.filter(Q(created__lte=now - KEPT_FOR) | Q(status=STATUS.sent))
    erased = erase(finished.filter(~empty))
    # Rows and logs go together; attachments are long gone.
    dropped, _ = Email.objects.filter(created__lte=now - ROW_KEPT_FOR).delete()
    return f"{given_up} given up, {erased} erased" if given_up or erased or dropped else None


def erase(emails: QuerySet[Email]) -> int:
    """Take recipients, text, headers, attachments and server messages out of these mails; the rows stay."""
    keys = list(emails.values_list("pk", flat=True))
    with transaction.atomic():
        Log.objects.filter(email__in=keys).exclude(message="").update(message="")
        for attachment in Attachment.objects.filter(emails__in=keys).distinct():
            attachment.emails.remove(*keys)
            if not attachment.emails.exists():
                storage, name = attachment.file.storage, attachment.file.name
                attachment.delete()
                transaction.on_commit(functools.partial(storage.delete, name))
        return Email.objects.filter(pk__in=keys).update(**NOTHING, headers=None, context=None)


def _due(now: datetime) -> QuerySet[Email]:
    """Mails whose time has come; those never tried first, so that old failures cannot hold them up."""
    return (
        Email.objects.filter(Q(scheduled_time=None) | Q(scheduled_time__lte=now))
        .filter(status__in=[STATUS.queued, STATUS.requeued], created__gt=now - KEPT_FOR)
        .order_by("-priority", "number_of_retries", "created", "pk")
    )


def _send_batch(connection: BaseEmailBackend, emails: list[Email]) -> tuple[int, int]:
    """Numbers of mails sent and put off. Stops early when asked to, when time is up or when the network fails."""
    sent = put_off = lost_in_a_row = 0
    ends_at = time.monotonic() + RUN_SECONDS
    for email in emails:
        if stopping.is_set() or time.monotonic() > ends_at or lost_in_a_row >= NETWORK_FAILURES:
            break
        if not _claim(email):
            continue
        try:
            connection.open()
            connection.send_messages([email.email_message()])
        except Exception as error:  # noqa: BLE001 - the same: only this mail is put off
            put_off += 1
            lost_in_a_row = lost_in_a_row + 1 if _is_network(error) else 0
            _put_off(email, error)
            _close(connection)
        else:
            sent += 1
            lost_in_a_row = 0
            with transaction.atomic():
                mails = Email.objects.filter(pk=email.pk)
                mails.update(status=STATUS.sent, scheduled_time=None, last_updated=timezone.now())
                erase(mails)
    return sent, put_off


def _claim(email: Email) -> bool:
    """Set the mail aside for this process, as one more attempt; false when another one was faster."""
    now = timezone.now()
    mine = Email.objects.filter(pk=email.pk, status=email.status, scheduled_time=email.scheduled_time)
    tries = (email.number_of_retries or 0) + 1
    changes = {"status": STATUS.requeued, "scheduled_time": now + CLAIMED_FOR, "number_of_retries": tries}
    taken = mine.update(last_updated=now, **changes)
    email.number_of_retries = tries
    return taken == 1


def _put_off(email: Email, error: Exception) -> None:
    now = timezone.now()
    logger.warning("Mail %s was not sent at try %s: %s", email.pk, email.number_of_retries, type(error).__name__)
    with transaction.atomic():
        Email.objects.filter(pk=email.pk).update(scheduled_time=now + _delay(email.number_of_retries), last_updated=now)
        Log.objects.create(
            email=email, status=STATUS.failed, exception_type=type(error).__name__, message=str(error)[:1000]
        )


def _put_off_all(now: datetime) -> int:
    """Count one more try for every mail that is due, without having tried each."""
    put_off = 0
    due = _due(now).order_by()
    for tries in set(due.values_list("number_of_retries", flat=True)):
        put_off += due.filter(number_of_retries=tries).update(
            status=STATUS.requeued,
            scheduled_time=now + _delay((tries or 0) + 1),
            number_of_retries=Coalesce(F("number_of_retries"), Value(0)) + 1,
            last_updated=now,
        )
    return put_off


def _delay(tries: int) -> timedelta:
    """How long to wait after that many failures (from 1)."""
    return RETRY_DELAYS[min(tries, len(RETRY_DELAYS)) - 1]


def _is_network(error: Exception) -> bool:
    """True when the server went away or kept silent; false when it answered, be it with a refusal."""
    if isinstance(error, smtplib.SMTPException):
        return isinstance(error, smtplib.SMTPServerDisconnected)
    return isinstance(error, OSError)


def _close(connection: BaseEmailBackend) -> None:
    with contextlib.suppress(Exception):
        connection.close()
