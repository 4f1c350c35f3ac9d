from dataclasses import asdict, replace

import pytest
from django.template import Context, Template, engines
from django.utils import timezone
from django.utils.html import escape
from jinja2 import UndefinedError

from music.catalogue.bundled import load_songs
from music.domain.like_lists import ListedLike
from music.models.video_feature import ITSELF
from music.names.takes import Take
from music.pages.cards import Card
from music.records import Cause, ShownSong, Suggestion
from music.templatetags import music_tags


def song(**fields):
    facts = {
        "song_id": "nirvana/come-as-you-are",
        "video_id": "dQw4w9WgXcQ",
        "artist": "Nirvana",
        "title": "Come As You Are",
    }
    return ShownSong(**facts | fields)


def test_a_cover_is_the_same_every_time_and_another_songs_is_another():
    first, again = music_tags.draw_cover(song()), music_tags.draw_cover(song())
    assert first == again
    assert music_tags.draw_cover(song(title="Lithium")) != first


def test_a_cover_stays_within_what_is_drawn():
    covers = [music_tags.draw_cover(song(title=f"Song {n}")) for n in range(500)]
    assert {cover["pattern"] for cover in covers} == set(range(music_tags.N_PATTERNS))
    assert {cover["palette"] for cover in covers} == set(range(music_tags.N_PALETTES))
    assert {cover["turn"] for cover in covers} == set(range(music_tags.N_TURNS))


def test_a_song_that_is_not_found_has_a_cover_of_its_words():
    assert music_tags.draw_cover(None, "some words")["initials"] == "SW"


@pytest.mark.parametrize(
    ("title", "initials"),
    [
        ("Come As You Are", "CA"),
        ("99 Luftballons", "9L"),
        ("(…)", ""),
        ("", ""),
        ("東京", "東"),
        ("élan vital", "ÉV"),
    ],
)
def test_initials(title, initials):
    assert music_tags.find_initials(title) == initials


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"video_id": None}, False),
        ({"is_restricted": True}, False),
    ],
)
def test_only_playable_videos_that_are_not_for_kids_play_here(fields, expected):
    assert music_tags.can_play_here(song(**fields)) is expected


def test_a_video_leads_to_youtube_and_a_song_without_one_to_a_search_there():
    assert music_tags.youtube_url(song()) == "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    assert music_tags.youtube_url(song(video_id=None)) == (
        "https://www.youtube.com/results?search_query=Nirvana+Come+As+You+Are"
    )


def test_every_take_but_the_song_itself_has_a_label():
    unnamed = {take for take in Take if not music_tags.take_label(song(take=take))}
    assert unnamed == set(ITSELF)
    assert music_tags.take_label(song(video_id=None)) == ""


@pytest.mark.parametrize(
    ("seconds", "shown"), [(215, "3:35"), (60, "1:00"), (3725, "62:05"), (None, ""), (0, "")]
)
def test_durations(seconds, shown):
    assert music_tags.as_clock(seconds) == shown


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("pt", "Portuguese"),
        ("en-US", "English"),
        ("zh-Hant", "Chinese"),
        ("zxx", "No words"),
        ("xx", "xx"),
        ("", ""),
    ],
)
def test_languages(code, name):
    assert music_tags.language_name(code) == name


def test_every_language_of_the_catalogue_has_a_name():
    codes = {song.language for song in load_songs()}
    assert len(codes) > 20
    assert [code for code in codes if music_tags.language_name(code) == code] == []


def test_title_says_its_language_unless_it_has_none():
    assert music_tags.lang_attribute(song(language="ja")) == ' lang="ja"'
    assert music_tags.lang_attribute(song(language="zxx")) == ""
    assert music_tags.lang_attribute(song(language="")) == ""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("come as you are", False),
        ("NIRVANA – Come As You Are", False),
        ("Come As You Are Nirvana", False),
        ("come as u are", True),
    ],
)
def test_words_of_ones_own_are_told_from_the_usual_ones(words, expected):
    assert music_tags.is_in_own_words(words, song()) is expected


def render_form_part(rf, path, token, card, **values):
    request = rf.get(path)
    template = Template(
        '{% load music_tags %}{% form_part "music/_actions.html" card=card.plain place="" %}'
    )
    context = {"request": request, "card": card, "csrf_token": token, **values}
    return template.render(Context(context))


def test_forms_that_are_rendered_once_have_the_token_and_the_page_of_each_request(rf):
    card = Card(song())
    first = render_form_part(rf, "/search/", "token-of-one", card)
    second = render_form_part(rf, '/search/?q=">&x="', "token-of-another", card, next='/"><b>')
    third = render_form_part(rf, '/search/?q="><b>', "token-of-another", card)
    assert (first.count("token-of-one"), first.count('value="/search/"')) == (2, 2)
    assert "token-of-one" not in second
    assert second.count("token-of-another") == second.count('value="/&quot;&gt;&lt;b&gt;"') == 2
    assert "<b>" not in third
    for page in (first, second, third):
        assert music_tags.TOKEN_PLACE not in page
        assert music_tags.NEXT_PLACE not in page


def test_buttons_of_equal_cards_are_rendered_once_and_say_what_each_card_is(rf):
    new = Card(Suggestion(**asdict(song()), score=0.5, stage="content"))
    before = music_tags._make_part.cache_info().misses
    suggested_otherwise = Card(Suggestion(**asdict(song()), score=0.1, stage="popular"))
    cards = (new, suggested_otherwise, Card(song(), is_liked=True))
    pages = [render_form_part(rf, "/", "token", card) for card in cards]
    assert pages[0] == pages[1]
    assert 'data-state="liked"' in pages[2]
    assert 'data-state="new"' in pages[0]
    # The buttons of a new and of a liked song, and Play, which is the same in both.
    assert music_tags._make_part.cache_info().misses - before <= 3


HOSTILE = "</a><script>x</script>{{ 7*7 }}{% x %}\"'&"


def test_names_of_songs_are_escaped_wherever_they_stand(rf):
    hostile = song(song_id=f"a/{HOSTILE}", artist=HOSTILE, title=HOSTILE, language=HOSTILE)
    hostile = replace(hostile, genre=HOSTILE, channel_title=HOSTILE, video_id=HOSTILE)
    cause = Cause(HOSTILE, HOSTILE, 1.0, how="loved", artist=HOSTILE)
    card = Card(hostile, because=(cause,))
    like = ListedLike(1, HOSTILE, learn=False, created_at=timezone.now(), song=hostile)
    request = rf.get("/")
    html = [
        music_tags.render_form(request, "music/_card.html", card=card, place="for_you", said=card),
        music_tags.render_form(request, "music/_like_row.html", like=like),
        music_tags.render_form(request, "music/_like_row.html", like=like._replace(song=None)),
    ]
    for part in html:
        assert "<script" not in part
        assert HOSTILE not in part
        assert escape(HOSTILE).replace("&quot;", "&#34;").replace("&#x27;", "&#39;") in part


def test_a_name_that_a_part_does_not_know_is_an_error():
    with pytest.raises(TypeError):
        music_tags.part("music/_play.html", song=song(), sung=song())
    with pytest.raises(UndefinedError):
        engines["jinja2"].from_string("{{ nobody }}").render()
