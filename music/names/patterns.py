"""What people write around a song's name on YouTube, in one table.

``VERSIONS`` says which other take of a song a word announces; ``DECORATION`` is what says nothing
about the song at all. Both were collected from the test cases of metadata-filter (MIT, Web
Scrobbler) and from real titles in English, German, French, Spanish, Portuguese, Italian, Finnish,
Japanese and Korean. All patterns match lower-case text.
"""

import re

VERSIONS: dict[str, str] = {
    "remaster": r"re-?master(?:ed|isé|isée|izado|izada)?|remasteris[ée]e?",
    "live": r"live|en vivo|ao vivo|en directo|dal vivo|unplugged|in concert|in session|"
    r"concierto|konzert|tiny desk|la blogothèque|ライブ|라이브",
    "cover": r"covers?|covered by|tribute(?: to)?|as made famous by|"
    r"originally (?:performed|sung) by|in the style of|커버|カバー",
    "remix": r"re-?mix(?:ed)?|mash-?up|bootleg|club mix|dance mix|dub mix|nightcore",
    "edit": r"(?:radio|single|video|short|extended|club|album|performance|long)?"
    r"\s*(?:edit|mix|cut)",
    "karaoke": r"karaok[eé]|backing track|minus one|sing ?along|カラオケ|노래방",
    "instrumental": r"instrumental(?:e)?|off vocal|piano version|オフボーカル",
    "acoustic": r"acoustic|ac[uú]stic[oa]|acoustique|akustik|stripped",
    "lyrics": r"lyrics?|letras?|paroles|testo|songtext|with words|sanat|legendado|sub\.? español|"
    r"subt[ií]tulos?|歌詞(?:付き)?|가사",
    "tutorial": r"tutorial|how to play|(?:guitar|piano|bass|drum) lesson|play-?through|"
    r"chords|tabs?",
    "reaction": r"reactions?|reacts? to|first time hearing|review|explained|breakdown",
    "parody": r"parody(?: of)?|lyrical adaptation|lyrical adaption",
    "demo": r"demo|rehearsal|outtake|alternate take|first take",
    "speed": r"sped ?-?up|slowed(?: ?\+? ?(?:and )?reverb)?|speed up|reverb|8d|bass ?boosted",
    "loop": r"(?:1|2|10|one|ten) hours?(?: loop| version)?|loop",
    "compilation": r"full album|greatest hits|best of|playlist|medley|megamix|mixtape",
    "cut": r"teaser|trailer|snippet|preview|behind the scenes|making of|shorts?|dance practice",
}
"""Which version of a song the words announce: the name of the version and its words."""

_LABEL = r"(?:officiell?e?|oficiell?|oficiala?|oficjalny|offizielles?|ufficiale|officieel|official)"
_MEDIUM = (
    r"(?:(?:music|musik|lyrics?|promo|hd|uhd|4k|3d|art|fan|full|short|live|concert|home|dance)[\s-]*){0,4}"
    r"(?:video|v[ií]deo|videoclip(?:e)?|video ?clip|vidéo ?clip|clipe?|audio|stream|track|film|"
    r"visuali[sz]er|musikvideo|musiikkivideo|music|m/?v|pv|song)s?"
)
DECORATION: tuple[str, ...] = (
    r"prod(?:\.|uced)? (?:by|von) .*|prod\. .*|dir(?:\.|ected)? by .*|lyrics by .*",
    r"from (?:the )?.*|as (?:featured|heard|seen) (?:in|on) .*|(?:the )?theme (?:from|to) .*|"
    r"aus (?:dem|der) .*|du film .*|de la película .*|(?:original )?(?:film )?soundtrack|ost",
    r"taken from .*|album ?: .*|live from .*|official song.*|.*(?:world cup|uefa|olympic).*song.*",
    r"(?:top of the pops|musikladen|zdf[- ]?hitparade|hitparade|beat-?club|starparade|disco)"
    r"(?: .*)?|(?:eurovision|esc)(?: song contest)?(?: .*)?|archive ina|ina",
    r"[^\d]* ?\d{1,2}/\d{1,2}/\d{2,4}|\d{1,2}[./]\d{1,2}[./]\d{2,4}",
    r"original von \d{4}|(?:c\.? ?|anno |year |vom |kesä ['’´]?)?(?:19|20)\d\d(?:er)?|\d{4}",
    r"official track stream|track stream|album track|video edit|full song|full version|"
    r"complete version|audio only|lyrics on screen|on screen lyrics|with lyrics|in description",
    r"new song|new single|brand new|out now|free download|high quality|hd quality|full hd",
    r"english subtitles?|eng sub|dolby atmos|60 ?fps|hi-?res|hi-?fi|ultra hd|45 ?rpm",
    rf"(?:the )?(?:{_LABEL}[\s,]+)*{_MEDIUM}(?:[\s,]+(?:{_LABEL}|hd|hq|4k|uhd))*",
    rf"(?:the )?{_LABEL}",
    r"m/v|mv|pv|amv|hd|hq|uhd|4k|8k|2k|\d{3,4}p|hdtv|hdr|vhs|widescreen|16:9|upscaled?|enhanced",
    r"explicit|clean|uncensored|unzensiert|censored|dirty|restored|rare|stereo|mono|quadraphonic",
    r"new|premiere|exclusive|\*+new\*+|hit|classic|original|lp|ep|single|album|vinyl|topic",
    r"full|complete|visual|colou?ri[sz]ed|color|cc",
)
"""Longer ones first: they are tried in this order, and what matched is not tried another way."""

# A take is named by its last word: "Super Cool Version", "Basement Boy Strip To The Bone Mix".
TAKE = re.compile(
    r".*(?:^|\s)(?:version|versione|versión|version originale|fassung|edition|édition|edit|mix|"
    r"remix|re-?mix|dub|vip|re-?master(?:ed)?|re-?recorded|re-?recording|recording|re-?work|"
    r"bootleg|cut|take|loop|session|sessions|performance|album track|mixage|aufnahme)"
    r"(?:\s*+(?:[^\w\s]\s*+)?+(?:\d{4}|hd|hq|version|edit|remaster(?:ed)?))*+"
)
_YEAR = r"(?:(?:19|20)\d\d)"
VERSION_PATTERNS = {name: re.compile(rf"(?:^|\b)(?:{p})(?:$|\b)") for name, p in VERSIONS.items()}
ANY_VERSION = re.compile(rf"(?:^|\b)(?:{'|'.join(VERSIONS.values())})(?:$|\b)")
"""Whether there is any: most titles announce none, and are not searched for each."""
_WORDS_OF_VERSIONS = "|".join(p for name, p in VERSIONS.items() if name != "cut")
# Possessive (*+, ++): without it, a long row of such words takes time exponential in its length.
_SEPARATOR = r"(?:[\s\-–—,./+&:|*]++|$)"
VERSION_ONLY = re.compile(
    rf"(?:(?:{_WORDS_OF_VERSIONS}|{_YEAR}|the|digital|digitally|in|by|hd|hq|official|video|audio|"
    rf"version|stereo|mono|mix|original|full|studio|with|and|on screen){_SEPARATOR})++"
)
VERSION_LEADING = re.compile(
    r"(?:live|en vivo|ao vivo|recorded|unplugged|re-?master(?:ed)?|cover|covered|parody|"
    r"lyrical adapt\w*|tribute|karaoke|re-?issue|reissued|deluxe|expanded|bonus|mtv)\b.*"
)
DECORATION_ONLY = re.compile(
    rf"(?:(?:{'|'.join(f'(?:{pattern})' for pattern in DECORATION)}){_SEPARATOR})++"
)
# At the end of a text, outside brackets, only what no song is called.
TRAILING = re.compile(
    rf"(?<=[^\s,\-–—|:])[\s,\-–—|:]+(?:\*+new\*+|prod\.? by .*|soundtrack|"
    r"(?:english |eng )?sub(?:title)?s?|"
    rf"[“\"](?:audio|video|official)[”\"]|(?:{_LABEL}[\s-]+)+{_MEDIUM}|"
    rf"{_MEDIUM}[\s-]+{_LABEL}|(?:music|lyrics?|promo) ?videos?|official|"
    r"video ?clip|videoclip|vidéo ?clip|clip|hd|hq|4k|uhd|m/?v|1080p|720p|"
    r"(?:with |w/ ?|\+ ?)?lyrics?(?: (?:on screen|hd|hq))?|lyrics video|paroles|letras?|sanat|"
    r"sub español|full album|karaoke(?: version)?|re-?master(?:ed)?(?: version)?(?: \d{4})?|"
    r"\d{4} (?:digital )?re-?master(?:ed)?|radio edit|(?:single|album) version)\W*$",
    re.IGNORECASE,
)
TRAILING_YEAR = re.compile(r"(?<=\S)\s+[-–]?\s*(?:19|20)\d\d$")
FEATURING = re.compile(
    r"(?:^|[\s,\-–(\[])(?:feat\.?|ft\.?|featuring|f/|con la participaci[oó]n de)\s+(?=\S)",
    re.IGNORECASE,
)
NAMES = re.compile(
    r"(?<!\s)\s*+(?:,|;|/|&|\+|\band\b|\bund\b|\bet\b|\by\b|\bx\b|\bvs\.?(?=\s))\s*", re.I
)
EXTENSION = re.compile(r"\.(?:avi|wmv|mpe?g|flv|mp[34]|mov|mkv|wav|webm)$", re.IGNORECASE)
CHANNEL_SUFFIX = re.compile(
    r"(?<!\s)(?:\s++-\s++topic|\s*+vevo|\s*+(?:[-–|]\s*+)?+official(?:\s++(?:channel|"
    r"youtube channel|artist channel|music))?|\s++(?:oficial|officiel|tv|channel|music|musik|band|"
    r"online|archive))$",
    re.IGNORECASE,
)
# A channel that shows other people's songs: its name says nothing about who sings.
NOT_AN_ARTIST = re.compile(
    r"\b(?:lyrics?|letras?|karaoke|records?|recordings|label|entertainment|tv|television|radio|fm|"
    r"channel|movies?|films?|pictures|studios?|clips?|hits|charts?|playlist|nation|sounds?|vibes?|"
    r"covers?|official music|music group|productions?|media|network|worldwide|videos?|netflix|"
    r"disney\w*|1thek|stone music|hybe labels|smtown|jyp|ygent\w*|t-series|zee music\w*|ultra)\b",
    re.IGNORECASE,
)
