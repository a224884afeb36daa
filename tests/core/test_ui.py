from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from lucide import IconDoesNotExist

from apps.core import formats

DIGEST = "sha256:9f2c04d1b86e5a7730fbb1c9d2f4a86155e0c3b7f1d2a9980c6e4b7a51c3e41a"
AT = datetime(2026, 11, 22, 16, 40, 12, tzinfo=UTC)


def drawn(source: str, **values: object) -> str:
    return Template(source).render(Context(values)).strip()


class Decision(forms.Form):
    decision = forms.ChoiceField(choices=(("yes", "Yes"), ("no", "No")), widget=forms.RadioSelect)
    reason = forms.CharField(help_text="Kept for good.")
    agreed = forms.BooleanField(label="I have read it")
    ticket = forms.CharField(required=False)


def test_a_digest_is_shortened_in_the_middle() -> None:
    assert drawn("{{ value|digest }}", value=DIGEST) == "sha256:9f2c…e41a"


@pytest.mark.parametrize("short", ["", "sha256:9f2c", "9f2ce41a"])
def test_a_digest_with_nothing_to_hide_stays_whole(short: str) -> None:
    assert formats.short_digest(short) == short


def test_a_digest_component_holds_the_whole_digest_for_copying() -> None:
    source = '{% include "components/digest.html" with value=value only %}'

    text = drawn(source, value=DIGEST)

    assert "".join(formats.digest_parts(DIGEST)) == DIGEST
    assert f'<span class="middle">{formats.digest_parts(DIGEST).middle}</span>' in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"loans/holdout@{DIGEST}", f"loans/holdout@{formats.short_digest(DIGEST)}"),
        (f"{DIGEST} and {DIGEST}", " and ".join([formats.short_digest(DIGEST)] * 2)),
        ("a-long-name-of-a-training-dataset-2026-q3", "a-long-name-of-a-training-dataset-2026-q3"),
        ("", ""),
    ],
)
def test_of_a_name_only_its_digests_are_shortened(text: str, shown: str) -> None:
    assert formats.short_reference(text) == shown


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (48_211_904, "48.2 MB"),
        (999_949, "999.9 kB"),
        (999_951, "1.0 MB"),
        (2 * 10**18, "2000.0 PB"),
    ],
)
def test_sizes_are_written_in_the_unit_a_person_would_choose(count: int, words: str) -> None:
    assert formats.size(count).replace("\u00a0", " ") == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.004, "under 0.1 s"),
        (0.412, "0.4 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (7512, "2 h 5 min"),
        (86_400, "1 day"),
        (266_400, "3 days 2 h"),
    ],
)
def test_lengths_of_time_are_written_with_the_units_that_matter(seconds: float, words: str) -> None:
    assert formats.duration(seconds).replace("\u00a0", " ") == words
    assert formats.duration(timedelta(seconds=seconds)) == formats.duration(seconds)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.837123, "0.8371"),
        (0.5, "0.5"),
        (41.0, "41"),
        (1234567.0, "1.235e+06"),
        (-0.025, "−0.025"),
        (0.00001234, "1.234e−05"),
    ],
)
def test_a_measured_number_is_written_with_four_digits_that_count(value: float, words: str) -> None:
    assert drawn("{{ value|measure }}", value=value) == words


def test_a_disclosure_folds_its_content_away_until_it_is_opened() -> None:
    source = "{% disclosure summary opened=opened %}<p>Inside</p>{% enddisclosure %}"

    folded = drawn(source, summary="6 < 7 met", opened=False)
    opened = drawn(source, summary="6 < 7 met", opened=True)

    assert '<details class="disclosure">' in folded
    assert "6 &lt; 7 met" in folded
    assert "<p>Inside</p>" in folded
    assert '<details class="disclosure" open>' in opened


def test_an_unknown_length_of_time_is_left_out() -> None:
    assert drawn("{{ length|duration }}", length=None) == ""


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Mercy Okafor", "MO"), ("M. Okafor", "MO"), ("worker", "W"), ("ana maria de la cruz", "AC")],
)
def test_initials_are_those_of_the_first_and_last_word(name: str, letters: str) -> None:
    assert formats.initials(name) == letters


def test_a_nameless_person_has_no_initials() -> None:
    assert formats.initials("") == ""


def test_thousands_stand_apart() -> None:
    assert drawn("{{ count|grouped }}", count=1_048_213) == "1\u202f048\u202f213"


def test_a_moment_names_its_exact_utc_time() -> None:
    east = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))

    text = drawn("{{ at|when }}", at=east)

    assert 'datetime="2026-11-22T16:40:12+00:00"' in text
    assert 'title="2026-11-22 16:40:12 UTC"' in text
    assert ">22 Nov 2026, 16:40 UTC</time>" in text


@pytest.mark.parametrize(
    ("form", "words"),
    [("short", "22 Nov, 16:40"), ("day", "22 Nov 2026"), ("full", "22 Nov 2026, 16:40 UTC")],
)
def test_a_moment_has_several_forms(form: str, words: str) -> None:
    assert formats.moment(AT, form) == words


def test_a_moment_can_say_how_long_ago_it_was() -> None:
    assert formats.since(AT, now=AT + timedelta(seconds=59)) == "just now"
    ago = formats.since(AT, now=AT + timedelta(minutes=4, seconds=30))
    assert ago.replace("\u00a0", " ") == "4 minutes ago"


def test_a_day_has_no_time_zone_to_convert() -> None:
    text = drawn("{{ due|when }}", due=date(2026, 12, 12))

    assert text == '<time datetime="2026-12-12">12 Dec 2026</time>'


def test_no_moment_is_written_as_nothing() -> None:
    assert drawn("{{ at|when }}", at=None) == ""


def test_words_in_place_of_a_moment_are_escaped() -> None:
    assert drawn("{{ at|when }}", at="<now>") == "&lt;now&gt;"


def test_an_icon_without_a_label_is_hidden_from_screen_readers() -> None:
    text = drawn('{% icon "check" tone="good" %}')

    assert text.startswith("<svg")
    assert text.endswith("</svg>")
    assert 'class="icon good"' in text
    assert 'aria-hidden="true"' in text
    assert "role=" not in text


def test_an_icon_with_a_label_speaks_and_escapes_it() -> None:
    text = drawn('{% icon "check" label=label %}', label='"Met" & <sealed>')

    assert 'role="img"' in text
    assert 'aria-label="&quot;Met&quot; &amp; &lt;sealed&gt;"' in text
    assert "aria-hidden" not in text


def test_an_unknown_icon_is_an_error() -> None:
    with pytest.raises(IconDoesNotExist):
        drawn('{% icon "no-such-icon" %}')


def test_an_unknown_tone_has_the_icon_of_idle() -> None:
    assert drawn('{% tone_icon "" %}').count("<path") == drawn('{% tone_icon "idle" %}').count(
        "<path"
    )


def test_a_sheet_is_named_by_its_heading() -> None:
    text = drawn(
        '{% sheet "Sign-offs" aside="2 of 3" %}<p>{{ word }}</p>{% endsheet %}', word="<b>"
    )

    assert '<section class="sheet" aria-labelledby="sign-offs">' in text
    assert '<h2 id="sign-offs">Sign-offs</h2>' in text
    assert "2 of 3" in text
    assert "<p>&lt;b&gt;</p>" in text


def test_a_sheet_without_a_title_has_no_header() -> None:
    text = drawn("{% sheet %}<p>Text</p>{% endsheet %}")

    assert "<header>" not in text
    assert "aria-labelledby" not in text


def test_a_sheet_can_be_a_form_that_posts() -> None:
    text = drawn('{% sheet "Sign" element="form" action="/sign/" %}{% endsheet %}')

    assert text.startswith('<form class="sheet" method="post" action="/sign/"')
    assert text.endswith("</form>")


def test_a_table_scrolls_inside_its_named_wrapper() -> None:
    text = drawn('{% table "Files" %}<tbody></tbody>{% endtable %}')

    assert 'aria-label="Files" tabindex="0"' in text
    assert "<table><tbody></tbody></table>" in text


def test_a_title_without_actions_has_no_place_for_them() -> None:
    assert 'class="actions"' not in drawn('{% titlebar "Models" %}  {% endtitlebar %}')
    assert 'class="actions"' in drawn('{% titlebar "Models" %}<a>New</a>{% endtitlebar %}')


def test_a_field_ties_label_hint_and_control_together() -> None:
    text = drawn("{% field form.reason %}", form=Decision())

    assert '<label for="id_reason">Reason</label>' in text
    assert 'id="id_reason_helptext">Kept for good.</p>' in text
    assert 'aria-describedby="id_reason_helptext"' in text
    assert "aria-invalid" not in text


def test_a_refused_field_names_its_error_and_keeps_what_was_typed() -> None:
    form = Decision({"reason": "", "ticket": "CHG-7"})

    text = drawn("{% field form.reason %}{% field form.ticket %}", form=form)

    assert 'aria-invalid="true"' in text
    assert 'aria-describedby="id_reason_helptext id_reason_error"' in text
    assert 'id="id_reason_error"' in text
    assert 'value="CHG-7"' in text


def test_the_focus_goes_to_the_first_field_with_an_error() -> None:
    form = Decision({"decision": "yes"})

    assert "autofocus" not in drawn("{% field form.decision %}", form=form)
    assert "autofocus" in drawn("{% field form.reason %}", form=form)
    assert "autofocus" not in drawn("{% field form.agreed %}", form=form)
    assert "autofocus" not in drawn("{% field form.reason focus=False %}", form=form)


def test_the_focus_goes_to_the_first_choice_that_can_be_made() -> None:
    form = Decision({"reason": "Fine"})
    assert drawn("{% field form.decision %}", form=form).count("autofocus") == 1
    options = drawn("{% field form.decision %}", form=form).split("<label")
    assert "autofocus" in options[1]

    form = Decision({"reason": "Fine"})
    form["decision"].subwidgets[0].data["attrs"]["disabled"] = True
    options = drawn("{% field form.decision %}", form=form).split("<label")
    assert "autofocus" not in options[1]
    assert "autofocus" in options[2]


def test_a_choice_is_a_group_with_a_legend() -> None:
    text = drawn("{% field form.decision %}", form=Decision({}))

    assert "<fieldset" in text
    assert "<legend>Decision</legend>" in text
    assert text.count('class="choice"') == 2
    assert 'aria-describedby="id_decision_error"' in text


def test_a_thing_to_agree_to_is_one_line() -> None:
    text = drawn("{% field form.agreed %}", form=Decision())

    assert '<label class="choice" for="id_agreed">' in text


def test_a_field_that_may_stay_empty_says_so() -> None:
    assert "optional" in drawn("{% field form.ticket %}", form=Decision())
    assert "optional" not in drawn("{% field form.reason %}", form=Decision())


def test_a_hint_can_be_given_by_the_page() -> None:
    text = drawn('{% field form.ticket hint="As in the change calendar." %}', form=Decision())

    assert 'id="id_ticket_helptext">As in the change calendar.</p>' in text
    assert 'aria-describedby="id_ticket_helptext"' in text


def test_a_meter_draws_its_parts_in_order_and_says_them() -> None:
    text = drawn('{% meter "3 of 4 given" total=4 good=2 warn=1 bad=0 %}')

    assert 'aria-label="3 of 4 given"' in text
    assert '<rect class="good" x="0" y="0" width="49.2"' in text
    assert '<rect class="warn" x="50" y="0" width="24.2"' in text
    assert "bad" not in text


def test_a_full_meter_reaches_its_end() -> None:
    assert 'width="100"' in drawn('{% meter "All met" total=3 good=3 %}')


def test_a_meter_of_nothing_is_empty() -> None:
    assert "<rect" not in drawn('{% meter "Nothing to meet" total=0 good=0 %}')


def test_a_metric_with_both_ends_is_plotted_between_them() -> None:
    text = drawn('{% metric "AUC" "0.85" low="0.80" high="0.90" level="95%" %}')

    assert "0.80 to 0.90, 95% interval" in text
    assert 'class="band" x="11.54" y="4" width="76.92"' in text
    assert 'class="floor"' not in text


def test_a_metric_shows_the_floor_it_must_reach() -> None:
    text = drawn('{% metric "AUC" "0.85" low="0.80" high="0.90" floor="0.75" %}')

    assert 'class="floor"' in text
    assert "floor 0.75" in text


def test_a_metric_without_an_interval_is_a_number_with_its_unit() -> None:
    text = drawn('{% metric "p95 latency" "41" unit="ms" %}')

    assert "<svg" not in text
    assert '41&nbsp;<span class="unit">ms</span>' in text


def test_a_metric_whose_interval_has_no_width_is_drawn() -> None:
    assert 'width="0.00"' in drawn('{% metric "AUC" "1" low="1" high="1" %}')


def test_json_is_colored_after_it_is_escaped() -> None:
    text = drawn("{{ text|colored_json }}", text='{"<b>": "a \\" b", "n": -1.5e3, "t": true}')

    assert '<span class="key">&quot;&lt;b&gt;&quot;</span>:' in text
    assert '<span class="string">&quot;a \\&quot; b&quot;</span>' in text
    assert '<span class="literal">-1.5e3</span>' in text
    assert '<span class="literal">true</span>' in text
    assert "<b>" not in text


def test_values_are_written_as_readable_json() -> None:
    assert drawn("{{ value|pretty_json|safe }}", value={"a": "ü"}) == '{\n  "a": "ü"\n}'


@pytest.mark.parametrize(
    ("path", "link", "is_current"),
    [
        ("/models/x/", "/models/", True),
        ("/models/x/", "/", False),
        ("/", "/", True),
        ("/audit/", "/models/", False),
    ],
)
def test_the_navigation_marks_the_place_one_is_in(path: str, link: str, is_current: bool) -> None:
    request = RequestFactory().get(path)

    text = drawn('{% place "There" link %}', request=request, link=link)

    assert f'href="{link}"' in text
    assert ('aria-current="page"' in text) is is_current


def test_the_navigation_counts_only_what_there_is() -> None:
    assert '<span class="count">4</span>' in drawn('{% place "Inbox" "/" 4 %}')
    assert "count" not in drawn('{% place "Inbox" "/" 0 %}')
