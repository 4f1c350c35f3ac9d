import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.names.matching import SURE, count_strange_words, make_candidate, rate
from music.names.mistyping import rate_words_alike
from music.names.song_names import read_name

YESTERDAY = make_candidate("v", "The Beatles", "Yesterday")


@pytest.mark.parametrize(
    ("text", "artist", "title"),
    [
        ("yesterday", "The Beatles", "Yesterday"),
        ("yesterday beatles", "The Beatles", "Yesterday"),
        ("yesturday", "The Beatles", "Yesterday"),
        ("scatman john scatman", "Scatman John", "Scatman (Ski-Ba-Bop-Ba-Dop-Bop)"),
        ("iron maiden iron maiden", "Iron Maiden", "Iron Maiden"),
        ("Owl City & Carly Rae Jepsen - Good Time", "Owl City", "Good Time"),
        ("backstreetboys everybody", "Backstreet Boys", "Everybody"),
        ("we r who we r", "Kesha", "We R Who We R"),
        ("queen killer queen", "Queen", "Killer Queen"),
        ("killer queen queen", "Queen", "Killer Queen"),
        ("taylor swift swift love", "Taylor Swift", "Swift Love"),
        ("war love bob", "Bob", "Love War"),
        ("1. Nirvana - Come As You Are", "Nirvana", "Come As You Are"),
        ("0:00 Toto - Africa", "Toto", "Africa"),
        ("Toto - Africa 3:39", "Toto", "Africa"),
        ("#EXTINF:219,Toto - Africa", "Toto", "Africa"),
        ("JAY-Z - 4:44", "JAY-Z", "4:44"),
        ("Come As You Are - NirvanaVEVO", "Nirvana", "Come As You Are"),
        ("Guns N&#39; Roses - Sweet Child O&#39; Mine (Official Video) - GunsNRosesVEVO",
         "Guns N' Roses", "Sweet Child O' Mine"),
        ('"Crazy" by Patsy Cline', "Patsy Cline", "Crazy"),
        ('"Hello","Lionel Richie"', "Lionel Richie", "Hello"),
        ("Basket Case - Green Day", "Green Day", "Basket Case"),
        ("XXXTENTACION - $$$", "XXXTENTACION", "$$$"),
        ("!!! - Heart of Hearts", "!!!", "Heart of Hearts"),
        ("dont want to miss a thing", "Aerosmith", "I Don't Want to Miss a Thing"),
        ("陳奕迅 - 富山下", "陳奕迅", "富士山下"),
    ],
)  # fmt: skip
def test_rate_is_sure(text, artist, title):
    assert rate(read_name(text), make_candidate("v", artist, title)) >= SURE


@pytest.mark.parametrize(
    ("text", "artist", "title"),
    [
        ("adele yesterday", "The Beatles", "Yesterday"),
        ("yesterday once more", "The Beatles", "Yesterday"),
        ("yesterday", "Carpenters", "Yesterday Once More"),
        ("hollow", "Anyone", "Follow"),
        ("summer of 68", "Bryan Adams", "Summer Of '69"),
        ("1979", "Anyone", "1999"),
        ("the beatles", "The Beatles", "Yesterday"),
        ("stay", "Anyone", "Stan"),
        ("war and love", "Anyone", "Love and War"),
        ("paint winter the paper sun", "The Paper Sky", "Paint Sun"),
        ("Midnight Angels - Leave the Saints", "The Midnight Saints", "Leave the Angels"),
        ("The Midnight Angels - Leave the Saints", "Leave the Angels", "The Midnight Saints"),
        ("Want to Want Me", "Cheap Trick", "I Want You to Want Me"),
        ("I'm Not in Love", "Crystal Castles", "Not in Love"),
        ("Rolling Stones Angry", "The Rolling Stones", "Angie"),
        ("Little Mix - Power", "Kanye West", "Power"),
        ("New Edition - Hello", "Adele", "Hello"),
        ("X Ambassadors - Renegades", "Styx", "Renegade"),
        ("X Ambassadors - Renegade", "Styx", "Renegade"),
        ("Monster", "All Time Low", "Monsters"),
        ("Heat Wave", "Glass Animals", "Heat Waves"),
        ("Top Of The World", "Imagine Dragons", "On Top Of The World"),
        ('"Crazy" by Patsy Cline', "Gnarls Barkley", "Crazy"),
        ("Selena Gomez", "Selena Gomez", "Rare"),
        ("Selena Gomez - Live Like There's No Tomorrow", "Selena Gomez", "Rare"),
        ("XXXTENTACION", "XXXTENTACION", "$$$"),
    ],
)
def test_rate_is_not_sure(text, artist, title):
    assert rate(read_name(text), make_candidate("v", artist, title)) < SURE


def test_word_of_both_title_and_artist_tears_nothing_apart():
    harbor = make_candidate("v", "The Golden Harbor", "Golden Lights")
    assert rate(read_name("the golden harbor golden lights"), harbor) == 1.0


def test_words_in_their_order_are_surer_than_out_of_it():
    right, wrong = (rate(read_name(t), make_candidate("v", "A", "You Are")) for t in
                    ("you are", "are you"))  # fmt: skip
    assert right > wrong


@pytest.mark.parametrize(
    ("word", "other", "is_alike"),
    [
        ("nirvanna", "nirvana", True),
        ("rapsody", "rhapsody", True),
        ("califrnia", "california", True),
        ("love", "live", True),
        ("me", "my", False),
        ("1979", "1978", False),
        ("hello", "yellow", False),
        ("queen", "screen", False),
    ],
)
def test_rate_words_alike(word, other, is_alike):
    assert (rate_words_alike(word, other) > 0) == is_alike


@given(text=st.text(max_size=200), artist=st.text(max_size=40), title=st.text(max_size=40))
def test_rate_is_a_share_of_any_texts(text, artist, title):
    assert 0.0 <= rate(read_name(text), make_candidate("v", artist, title)) <= 1.0


@given(title=st.text("abcdefg ", min_size=3, max_size=30).filter(str.strip))
def test_every_title_surely_means_itself(title):
    assert rate(read_name(title), make_candidate("v", "", title)) == 1.0


def test_word_of_other_songs_is_no_typing_error():
    song = make_candidate("v", "The Beatles", "Michelle")
    assert rate(read_name("beatles michele"), song) >= SURE
    assert rate(read_name("beatles michele"), song, {"michele"}.__contains__) < SURE


@pytest.mark.parametrize(
    ("channel", "artist", "is_sure"),
    [
        ("BlueVEVO", "Blue", True),
        ("EltonJohnVEVO", "Elton John", True),
        ("EltonJonVEVO", "Elton John", True),
        ("TheBlueVEVO", "Blue", True),
        ("BlueVEVO", "Elton John", False),
        ("MarvinGayeVEVO", "James Taylor", False),
    ],
)
def test_title_on_an_artists_own_channel_is_no_song_of_another_artist(channel, artist, is_sure):
    title = "Sorry Seems to Be the Hardest Word"
    name, song = read_name(f"{title} - {channel}"), make_candidate("v", artist, title)
    assert (rate(name, song) >= SURE) == is_sure


def test_song_whose_words_were_said_has_fewer_strange_ones():
    name = read_name("João Gilberto - Corcovado")
    own = make_candidate("v", "João Gilberto", "Corcovado")
    other = make_candidate("v", "Stan Getz & João Gilberto", "Corcovado (Quiet Nights)")
    assert count_strange_words(name, own) < count_strange_words(name, other)


@pytest.mark.parametrize(
    ("text", "is_link_only", "readings"),
    [
        ("https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC", True, None),
        ("https://www.youtube.com/@Nirvana", True, None),
        ("https://youtu.be/D-lhorsDlUQ", True, None),
        ("#EXTINF:219,https://example.com/polly", True, None),
        ("#EXTINF:219,• https://example.com/polly", True, None),
        ("Nirvana - Polly https://open.spotify.com/track/4uLU", False, ("nirvana polly",)),
        ("Nirvana - Polly", False, ("nirvana polly",)),
    ],
)
def test_letters_of_links_are_not_read(text, is_link_only, readings):
    name = read_name(text)
    assert name.is_link_only == is_link_only
    assert readings is None or name.readings == readings


PARTS = st.sampled_from(
    "https://youtu.be/D-lhorsDlUQ https://example.com/a #EXTINF:219, 01. 0:00 - | ~ $ [ ] ( ) の … "
    "• ; polly lyrics by (live) ft. &".split()
)


@given(st.lists(PARTS, min_size=1, max_size=6), st.sampled_from(["", " "]))
def test_name_that_has_a_key_has_a_reading(parts, between):
    name = read_name(between.join(parts))
    assert bool(name.readings) == bool(name.key)


WORDS = st.lists(
    st.sampled_from("love me do the a queen kilers killer we r who beatles".split()), min_size=1
).map(" ".join)


@given(said=WORDS, artist=WORDS, title=WORDS, at_least=st.sampled_from([0.3, 0.6, SURE, 0.95]))
def test_confidence_that_is_high_enough_is_the_same_whatever_was_asked(
    said, artist, title, at_least
):
    name, candidate = read_name(said), make_candidate("v", artist, title)
    whole, least = rate(name, candidate), rate(name, candidate, at_least=at_least)
    assert least == whole if whole >= at_least else least < at_least
