"""The repetition as an editor chooses it."""

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import translation

from events.desk.repetition import OTHER, RepetitionField, RepetitionWidget, read_repetition, write_repetition

SAID = [
    "FREQ=DAILY",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
    "FREQ=WEEKLY;BYDAY=WE;UNTIL=20270624T215959Z",
    "FREQ=MONTHLY;COUNT=10",
    "FREQ=MONTHLY;BYDAY=-1WE",
    "FREQ=YEARLY;INTERVAL=4",
]
NOT_SAID = [
    "FREQ=MONTHLY;BYMONTHDAY=1,15",
    "FREQ=YEARLY;BYMONTH=4;BYDAY=1SU",
    "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1",
    "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO",
    "FREQ=MONTHLY;BYDAY=1MO,3TU",
    "not a rule",
]


def posted(**values):
    query = QueryDict(mutable=True)
    for name, value in values.items():
        query.setlist(f"rrule-{name}" if name != "rrule" else name, value if isinstance(value, list) else [value])
    return RepetitionWidget().value_from_datadict(query, {}, "rrule")


@pytest.mark.parametrize("rule", SAID)
def test_choices_say_the_same_rule(rule):
    said = read_repetition(rule)
    assert said.often not in ("", OTHER)
    fresh = posted(often=said.often, every=said.every, days=list(said.days), place=said.place, ends=said.ends,
                   until=said.until, count=said.count, rrule="")  # fmt: skip
    assert write_repetition(fresh) == rule


@pytest.mark.parametrize("rule", NOT_SAID)
def test_a_rule_without_words_stays_as_it_is(rule):
    assert read_repetition(rule).often == OTHER
    assert write_repetition(posted(often=OTHER, rrule=rule)) == rule


def test_what_is_not_touched_stays_to_the_letter():
    rule = "FREQ=WEEKLY;UNTIL=20270624T120000Z;BYDAY=WE;WKST=MO"
    said = read_repetition(rule)
    same = {"often": "weekly", "every": "1", "days": ["WE"], "place": "1", "ends": "until", "until": said.until}
    assert write_repetition(posted(**same, count="", rrule=rule)) == rule
    assert write_repetition(posted(**same | {"days": ["TH"]}, count="", rrule=rule)) == (
        "FREQ=WEEKLY;BYDAY=TH;UNTIL=20270624T215959Z"
    )


def test_once_only_and_the_text_alone():
    assert write_repetition(posted(often="", rrule="FREQ=WEEKLY")) == ""
    assert RepetitionField(required=False).clean(posted(rrule="FREQ=WEEKLY;COUNT=3")) == "FREQ=WEEKLY;COUNT=3"
    assert RepetitionField(required=False).clean(posted(rrule="")) == ""


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"often": "monthly-weekday", "place": "-1"}, "Cochez le jour"),
        ({"often": "weekly", "every": "0"}, "de 1 à 99"),
        ({"often": "weekly", "ends": "count", "count": "mille"}, "de 1 à 999"),
        ({"often": "weekly", "ends": "until", "until": "31/02/2027"}, "Jusqu’à quel jour"),
        ({"often": "weekly", "ends": "until", "until": "0001-01-01"}, "Jusqu’à quel jour"),
        ({"often": OTHER}, "Écrivez l’autre règle"),
        ({"often": OTHER, "rrule": "FREQ=HOURLY"}, "par jour, semaine, mois ou année"),
        ({"often": "hourly"}, "dans la liste"),
    ],
)
def test_faults_are_told_in_plain_words(values, says):
    with translation.override("fr"), pytest.raises(ValidationError) as caught:
        RepetitionField(required=False).clean(posted(**{"rrule": ""} | values))
    assert says in caught.value.messages[0]


def test_the_form_needs_no_script():
    html = RepetitionWidget().render("rrule", "FREQ=MONTHLY;BYDAY=-1WE;COUNT=4", {"id": "id_rrule"})
    assert '<option value="monthly-weekday" selected>' in html
    assert '<option value="-1" selected>' in html
    assert 'value="WE" checked' in html
    assert 'name="rrule-count" value="4"' in html
    assert "<script" not in html
