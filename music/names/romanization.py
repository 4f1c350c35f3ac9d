"""Names in other scripts as people write them in Latin letters, and how their words sound.

There are several ways to write Cyrillic, Greek, Japanese or Korean in Latin letters, and listeners
mix them: "belie rozy", "belye rozi". So words are compared by a rough sound that these spellings
share. Where a script leaves vowels out, as Arabic does, only the consonants are compared. Chinese
is written in pinyin.
"""

import unicodedata
from functools import lru_cache

from anyascii import anyascii

from .normalization import REMEMBERED_TEXTS, is_latin
from .spelling import merge_doubles

_GREEK = (
    "αι=e ει=i οι=i υι=i ου=ou αυ=av ευ=ev μπ=mp γκ=gk γγ=ng τζ=tz τσ=ts α=a β=v γ=g δ=d ε=e ζ=z "
    "η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t υ=i φ=f χ=ch ψ=ps ω=o"
)
_KANA = (
    "きゃ=kya きゅ=kyu きょ=kyo しゃ=sha しゅ=shu しょ=sho ちゃ=cha ちゅ=chu ちょ=cho にゃ=nya "
    "にゅ=nyu にょ=nyo ひゃ=hya ひゅ=hyu ひょ=hyo みゃ=mya みゅ=myu みょ=myo りゃ=rya りゅ=ryu "
    "りょ=ryo ぎゃ=gya ぎゅ=gyu ぎょ=gyo じゃ=ja じゅ=ju じょ=jo びゃ=bya びゅ=byu びょ=byo "
    "ぴゃ=pya ぴゅ=pyu ぴょ=pyo ふぁ=fa ふぃ=fi ふぇ=fe ふぉ=fo てぃ=ti でぃ=di うぃ=wi "
    "うぇ=we うぉ=wo ちぇ=che しぇ=she じぇ=je ゔぁ=va ゔぃ=vi ゔぇ=ve ゔぉ=vo あ=a い=i う=u "
    "え=e お=o か=ka き=ki く=ku け=ke こ=ko が=ga ぎ=gi ぐ=gu げ=ge ご=go さ=sa し=shi す=su "
    "せ=se そ=so ざ=za じ=ji ず=zu ぜ=ze ぞ=zo た=ta ち=chi つ=tsu て=te と=to だ=da ぢ=ji "
    "づ=zu で=de ど=do な=na に=ni ぬ=nu ね=ne の=no は=ha ひ=hi ふ=fu へ=he ほ=ho ば=ba び=bi "
    "ぶ=bu べ=be ぼ=bo ぱ=pa ぴ=pi ぷ=pu ぺ=pe ぽ=po ま=ma み=mi む=mu め=me も=mo や=ya ゆ=yu "
    "よ=yo ら=ra り=ri る=ru れ=re ろ=ro わ=wa を=o ん=n ゔ=vu っ= ー= ぁ=a ぃ=i ぅ=u ぇ=e "
    "ぉ=o ゃ=ya ゅ=yu ょ=yo"
)
_HANGUL_FIRST = "g kk n d tt r m b pp s ss  j jj ch k t p h".split(" ")
_HANGUL_VOWELS = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split(" ")
_HANGUL_LAST = " k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split(" ")
_FIRST_SYLLABLE, _LAST_SYLLABLE = "가", "힣"
_FIRST_KANA, _LAST_KANA = "ぁ", "ゖ"
_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヴ") + 1)}

_SOUNDS = (
    "shch=s sch=s sh=s tch=h ch=h zh=z kh=h ck=k ph=f th=t dh=d gh=g ts=s tz=s dz=z q=k w=v x=ks "
    "ou=o eu=o eo=o ai=e ei=i oi=i y=i j=i c=k z=s u=o"
)
"""Latin letters and pairs of them that stand for the same sound in some spelling, longest first."""

_CONSONANTS = (
    # Latin
    "shch=s sch=s sh=s ch=s th=t dh=d gh=g kh=k ph=f bh=b jh=g ts=s tz=s ng=n x=ks q=k c=k j=g "
    "z=s p=f v=b a= e= i= o= u= y= w= h= "
    # Arabic and Persian
    "ب=b پ=f ت=t ث=t ج=g چ=s خ=k د=d ذ=d ر=r ز=s ژ=g س=s ش=s ص=s ض=d ط=t ظ=s غ=g ف=f ق=k ك=k "
    "ک=k گ=g ل=l م=m ن=n "
    # Hebrew
    "ב=b ג=g ד=d ז=s ט=t כ=k ך=k ל=l מ=m ם=m נ=n ן=n ס=s פ=f ף=f צ=s ץ=s ק=k ר=r ש=s ת=t "
    # Devanagari
    "क=k ख=k ग=g घ=g ङ=n च=s छ=s ज=g झ=g ञ=n ट=t ठ=t ड=d ढ=d ण=n त=t थ=t द=d ध=d न=n प=f फ=f "
    "ब=b भ=b म=m र=r ल=l श=s ष=s स=s ं=n ँ=n"
)
_UNVOWELLED = ("ARABIC", "HEBREW", "DEVANAGARI")


def _read_table(text: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in text.split())
    return {letters: latin for letters, _, latin in pairs}


_LETTERS = _read_table(f"{_GREEK} {_KANA}")
"""Letters that are read together with others; the rest is written one by one, by anyascii."""
_SOUND_TABLE = _read_table(_SOUNDS)
_CONSONANT_TABLE = _read_table(_CONSONANTS)
_LONGEST = 4


@lru_cache(maxsize=REMEMBERED_TEXTS)
def romanize(key: str) -> str:
    """Return a key in Latin letters, as it sounds: ``"белые розы"`` -> ``"belye rozy"``.

    Chinese is there in pinyin, a word a sign: ``"簡單愛"`` -> ``"jian dan ai"``. The signs of a
    Japanese text with kana stay, since each may be read in several ways, and so do letters of
    scripts that are compared by their consonants.
    """
    if is_latin(key):
        return key
    text = key.translate(_TO_HIRAGANA)
    if any(_FIRST_SYLLABLE <= char <= _LAST_SYLLABLE for char in text):
        text = "".join(map(_romanize_hangul, text))
    has_kana = any(_FIRST_KANA <= char <= _LAST_KANA for char in text)
    text = _replace(text, _LETTERS)
    if is_latin(text) or has_kana:
        return text
    return " ".join("".join(map(_romanize_other, text)).split())


@lru_cache(maxsize=65_536)
def find_sound(key: str) -> str:
    """Return how a key sounds, word by word, the same for its usual spellings.

    ``"bespechnyy angel"`` and ``"беспечный ангел"`` -> ``"bespehni angel"``.
    """
    return merge_doubles(_replace(romanize(key), _SOUND_TABLE))


@lru_cache(maxsize=65_536)
def find_consonants(key: str) -> str:
    """Return the consonants of a key, without spaces: all that Arabic and Hebrew write."""
    spelt = _replace(romanize(key), _CONSONANT_TABLE, "")
    return merge_doubles(spelt.replace(" ", ""))


@lru_cache(maxsize=65_536)
def leaves_vowels_out(key: str) -> bool:
    """Return whether a key is in a script that is compared by its consonants."""
    return not is_latin(key) and any(find_script(char) in _UNVOWELLED for char in key)


@lru_cache(maxsize=65_536)
def find_script(text: str) -> str:
    """Return the script of the first letter beyond ASCII, else of the first letter.

    It is the first word of the letter's Unicode name, ``"CJK"`` for all that Japanese is written
    in; an empty text where there is no letter.
    """
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return ""
    char = next((c for c in letters if not is_latin(c)), letters[0])
    script = unicodedata.name(char, "").split(" ")[0]
    return "CJK" if script in ("HIRAGANA", "KATAKANA") else script


def has_ideographs(text: str) -> bool:
    """Return whether a sign of Chinese, or of Japanese that stands for a word, is in the text."""
    return not is_latin(text) and any(unicodedata.name(c, "").startswith("CJK") for c in text)


def _romanize_other(char: str) -> str:
    """Return a letter in Latin letters; a Chinese sign is a word of its own."""
    if is_latin(char) or leaves_vowels_out(char):
        return char
    latin = anyascii(char).lower().replace("'", "")
    return f" {latin} " if has_ideographs(char) else latin


def _romanize_hangul(char: str) -> str:
    if not _FIRST_SYLLABLE <= char <= _LAST_SYLLABLE:
        return char
    first, rest = divmod(ord(char) - ord(_FIRST_SYLLABLE), len(_HANGUL_VOWELS) * len(_HANGUL_LAST))
    vowel, last = divmod(rest, len(_HANGUL_LAST))
    return _HANGUL_FIRST[first] + _HANGUL_VOWELS[vowel] + _HANGUL_LAST[last]


def _replace(text: str, table: dict[str, str], other: str | None = None) -> str:
    """Return ``text`` with the longest parts that stand in ``table`` replaced.

    A letter that is not there stays; with ``other`` only ASCII letters and digits do.
    """
    parts = []
    place = 0
    while place < len(text):
        for length in range(min(_LONGEST, len(text) - place), 0, -1):
            part = text[place : place + length]
            if part in table:
                parts.append(table[part])
                break
        else:
            length, part = 1, text[place]
            parts.append(part if other is None or part.isascii() else other)
        place += length
    return "".join(parts)
