"""What people write around a song's name on YouTube, in one table.

``takes.WORDS`` lists the words that announce a take of a song; ``DECORATION`` is what says nothing
about the song. Both were collected from the test cases of metadata-filter (MIT, Web Scrobbler) and
from real titles in English, German, French, Spanish, Portuguese, Italian, Finnish, Japanese and
Korean. All patterns match lower-case text.
"""

import re

from .shows import DECADE, FESTIVAL, SHOW_IN_BRACKETS, STATION
from .takes import WORDS

_SAME_TAKE = (
    r"re-?master(?:ed|isé|isée|izado|izada)?|remasteris[ée]e?|"
    r"(?:radio|single|video|short|extended|club|album|performance|long)?\s*+(?:edit|mix|cut)"
)
YEAR = r"(?:(?:19|20)\d\d)"
SAME_TAKE = re.compile(rf"(?<!\w)(?:{_SAME_TAKE})(?!\w)")
"""Words that announce no other take of the song."""

LABEL = (
    r"(?:officiell?e?|oficiell?|oficiala?|oficjaln[yea]|offiziell(?:e[rs]?)?|ufficiale|officieel|"
    r"officiële|offisiell|virallinen|hivatalos|oficiáln[íi]|zvanični|službeni|resm[iî]|"
    r"официальн(?:ый|ое|ая)|επίσημο|オフィシャル|公式|官方版?|"
    r"(?:un)?offici?al)"
)
_KIND = (
    r"(?:(?:music|musik|lyrics?|promo|hd|hq|uhd|4k|3d|art|fan|full|short|long|live|concert|home|"
    r"dance|pseudo|static|alternat(?:iv)?e|extended|original|disney|tv|rare|performance)[\s-]*)"
    r"{0,4}"
)
MEDIUM = (
    rf"{_KIND}(?:(?:video |lyrical )song|lyrical(?: video)?|"
    r"video|v[ií]d[eé]o|videoclip(?:e)?|video ?clip|vid[eé]o ?clip|clipe?|[aá]udio|"
    r"stream|track|film|visuali[sz]er|visual|musikk?video|musiikkivideo|music|m/?v|pv|song|vid|"
    r"video ?klipp?|klipp?i?|teledysk|müzik videosu|βίντεο ?κλιπ|видео ?клип|видео|клип|"
    r"аудио|ミュージックビデオ|ビデオ|뮤직비디오)s?"
)
LANGUAGE = (
    r"(?:english|eng|german|french|spanish|italian|portuguese|romaji|hangul|deutsche?[mnrs]?|"
    r"englische?[mnrs]?|français|française|francais|francaise|espa[nñ]ol|inglés|italiano|"
    r"italiana|portugu[eê]s|pt[- ]?br|svensk[at]?|norsk|dansk|suomeksi|magyar(?:ul)?|türkçe|"
    r"polski|nederlands|ita|nl)"
)
SUNG_WORDS = (
    r"(?:lyrics?|letras?|paroles|te(?:ks|x)t[yi]?|songte[kx]s?te?|liedte(?:ks|x)t|testo|sanat|"
    r"lyriikat|lyriikoilla|sanoin|sanoitus|dalszöveg(?:gel)?|felirat(?:tal)?|"
    r"(?:şarkı )?söz(?:leri|ü)|çeviri|текст(?: песни)?|слова|перевод(?:ом)?|napisy(?: pl)?|"
    r"tłumaczenie(?: pl)?|ondertiteld|vostfr|zum mitsingen|"
    r"legendad[oa]|legendas?|tradu[cç][aã]o|traducci[oó]n|traducid[oa]|traduction|traduzione|"
    r"subtitulad[oa]|subt[ií]tulos?|sub(?:title[sd]?|s)?|untertitel|übersetzung|translation|"
    r"(?:中文|日本語)?(?:歌詞|歌词|字幕)(?:付き|付)?|가사|해석|แปลไทย)"
)
WITH = r"(?:with|w/|mit|met|med|avec|con|com|с)"
_VERSION_IN = r"(?:(?:vers[ií]on|versione|versão|version) ?(?:en|in|em)?|in|en|auf|em|på)"
_SHORT_YEAR = r"(?:(?:19|20)\d\d|['’´`]\d\d)"
CREDIT = (
    r"(?:prod(?:\.|uced)?|dir(?:\.|ected)?|shot|beat|written|composed|(?:music|lyrics|words|video|"
    r"beat|choreograph(?:y|ed)|mixed|mastered|arranged)) ?(?:by|von|por|par)\.? .*|"
    r"(?:prod|dir)\. .*"
)
"""Who made it: "(prod. by Somebody)", "(Choreography by Somebody)"."""
COMPANY = (
    r"(?:ultra|sony|warner|universal|virgin|zee|saregama) music|emi|polydor|.* records|"
    r".* recordings|(?:ncs|monstercat|spinnin'?) release|[©℗] ?.*"
)
"""Who published it: "[Ultra Music]", "(Island Records)"."""
SHOWS_WORDS = (
    rf"(?:{WITH}\s*+)?(?:(?:{LANGUAGE}|on[- ]screen|video)\s++)*"
    rf"{SUNG_WORDS}(?:[\s,&+/!-]+(?:{LANGUAGE}|{SUNG_WORDS}|al|en|in|on screen|hd|hq|video|"
    r"description))*"
)
"""Phrases that say that the lyrics are shown, or translated."""
DECORATION: tuple[str, ...] = (
    SHOWS_WORDS,
    CREDIT,
    rf"(?:{LABEL} )?spot|(?:{STATION}|(?:live )?(?:(?:at|from) (?:the )?)?{FESTIVAL}|disco)"
    rf"(?: {_SHORT_YEAR})?",
    rf"{DECADE}|{_SHORT_YEAR}|best of (?:the )?{DECADE}|(?:{_VERSION_IN} )?{LANGUAGE}|slide ?show|"
    rf"{COMPANY}",
    r"from (?:the )?.*|as (?:featured|heard|seen) (?:in|on) .*|(?:the )?theme (?:from|to) .*|"
    r"aus (?:dem|der) .*|du film .*|de la película .*|"
    r"(?:original )?(?:film )?soundtrack|ost(?: .*)?",
    r"taken from .*|album[: ].*|live from .*|official song.*|.*(?:world cup|uefa|olympic).*song.*",
    rf"{SHOW_IN_BRACKETS}(?:\W.*)?|(?:.* )?(?:eurovision|esc)(?: song contest)?(?: .*)?|"
    r"(?:archive )?ina",
    r"[^\d]* ?\d{1,2}/\d{1,2}/\d{2,4}|\d{1,2}[./]\d{1,2}[./]\d{2,4}",
    r"original von \d{4}|(?:c\.? ?|anno |year |vom |kesä ['’´]?)?(?:19|20)\d\d(?:er)?|\d{4}",
    r"official track stream|track stream|album track|video edit|full song|full version|"
    r"complete version|audio only|lyrics on screen|on screen lyrics|with lyrics|in description",
    r"fan[ -]?made|das original!?|original song|hd re-?master(?:ed)? by .*|re-?master(?:ed)? by .*",
    r"new song|new single|brand new|out now|free download|high quality|hd quality|full hd",
    r"(?:english |with )?subtitle[sd]?|eng sub|subtitulad[ao]|traducid[ao]|closed captioned|"
    r"dolby atmos|60 ?fps|hi-?res|hi-?fi|ultra hd|45 ?rpm|flac|\d{3} ?kbps|vinyl rip|"
    r"high definition|restored in \w+|ai upscaled?|4k upgrade|in colou?r|black and white",
    r"(?:best|good|great|super|true|des)[ -](?:quality|audio|sound|stereo|video)|"
    r"(?:hq|hd|high quality)[ -/]*(?:audio|sound|stereo|quality|version|hq)",
    r"(?:met|mit|avec|with|w/) ?(?:on[- ]screen )?(?:song)?(?:te[kx]st|lyrics?|paroles)|"
    r"(?:song)?tekst|songtext|meezing(?:en|versie| versie)?|(?:video )?con letra|"
    r"(?:\w+ )?lyrics? ?[&+/] ?\w+|(?:english|german|french|spanish) lyrics",
    r"(?:(?:no|nr|number|#)\W*(?:1|one)(?: hit)?)(?: \d{4})?|uit de film .*|titelsong|title song|"
    r"original motion picture soundtrack|soundtrack .*|promo|promotional video|uncut|kurzversion",
    rf"(?:the )?(?:{LABEL}[\s,]*+)*+{MEDIUM}(?:[\s,]+(?:{LABEL}|hd|hq|4k|uhd))*",
    rf"(?:the )?{LABEL}|(?:son|titre) officiel|behind the song|премьера.*|公式|官方.*|完整版|高清|"
    r"remasterizad[oa]|en (?:concert|live)|canlı.*|stripped back|extended",
    r"m/v|mv|pv|amv|hd|hq|f?uhd|fhd|4k|8k|2k|\d{3,4}p\d*|hdtv|hdr|vhs|dvd(?:[ -]?rip)?|rip|"
    r"laser ?disc|widescreen|16:9|upscaled?|(?:ai )?enhanced|5[.]1|dts|\d\d ?fps|surround",
    r"explicit|clean|uncensored|unzensiert|censored|dirty|restored|rare|stereo|mono|quadraphonic",
    r"new|premiere|exclusive|\*+new\*+|hit|classic|original|lp|ep|single|album|vinyl|topic",
    r"full|complete|visual|colou?ri[sz]ed|colou?r|cc|b ?[&/] ?w|unreleased|[ab][ -](?:side|seite)|"
    r"(?:33|45|78) ?(?:rpm|giri|tours|t)|(?:7|12)(?:\"|''|[- ]?inch)(?: (?:single|mix))?|maxi",
    r"(?:gute|beste|top|hd|hohe) qualität|bilder",
)
"""Longer ones first: they are tried in this order, and what matched is not tried another way."""

# Possessive (*+, ++): without it, a long row of such words would take exponential time.
_SEPARATOR = r"(?:[\s\-–—,./+&:|*!]++|$)"
SHOWN = re.compile(
    rf"(?:(?:{LABEL}|{MEDIUM}|{SUNG_WORDS}|hd|hq|4k){_SEPARATOR})++|"
    r"(?:theme )?from [\"“\w].*|.* soundtrack|.*\btheme song"
)
"""Kinds of videos, and films; a bracket with one follows a song, not an artist."""
# The last word names the take: "Super Cool Version", "Basement Boy Strip To The Bone Mix".
TAKE = re.compile(
    r".*(?:^|\s)(?:version|versione|versión|version originale|fassung|edition|édition|edit|mix|"
    r"remix|re-?mix|dub|vip|re-?master(?:ed)?|re-?recorded|re-?recording|recording|re-?work|"
    r"bootleg|cut|take|loop|session|sessions|performance|album track|mixage|mash-?up|\w*aufnahme)"
    r"(?:\s*+(?:[^\w\s]\s*+)?+(?:\d{4}|hd|hq|version|edit|remaster(?:ed)?|audio|video|lyrics?))*+"
)
VERSION_ONLY = re.compile(
    rf"(?:(?:{WORDS}|{_SAME_TAKE}|{YEAR}|the|digital|digitally|in|by|hd|hq|official|video|audio|"
    rf"version|stereo|mono|mix|original|full|studio|with|and|on screen|sessions?){_SEPARATOR})++"
)
VERSION_LEADING = re.compile(
    r"(?:live|en vivo|ao vivo|recorded|unplugged|re-?master(?:ed)?|cover|covered|parody|"
    r"lyrical adapt\w*|tribute|karaoke|re-?issue|reissued|deluxe|expanded|bonus|mtv)\b.*"
)
EDIT = (
    r"(?:radio|single|album|video|extended|original|club|full|long|short|mono|stereo|maxi|lp|"
    r"studio|(?:7|12)(?:\"|''|-?inch)?)"
)
ENDS_BESIDE = re.compile(
    r".*[\s/](?:video|vídeo|vidéo|visual|visuali[sz]er|clip|lyrics|soundtrack|"
    r"ost|theme song|cover)|"
    rf"(?:.*\D)?{YEAR}(?:\D.*)?"
)
"""What ends a bracket that is not part of a name: "(Street Video)", "(John Lewis Advert 2017)"."""
SURELY_BESIDE = re.compile(
    rf"(?:the )?(?:{LABEL}(?:$|[\s,]++))++(?:{MEDIUM})?(?:[\s,]+(?:{LABEL}|hd|hq|4k|uhd))*+|"
    r"(?:music|lyrics?|promo) ?videos?|video ?clip|full hd|audio only|official .*|prod\.? by .*|"
    r"hd|hq|uhd|4k|8k|m/v|mv|pv|1080p|720p|lyrics?|letra|paroles|songtext|remix|cover|instrumental|"
    r"original (?:music |musik)?(?:video|clip|videoclip)|"
    rf"(?:{YEAR} )?(?:digital(?:ly)? )?re-?master(?:ed)?(?: version)?(?: {YEAR})?|"
    rf"{EDIT} (?:edit|version|mix|cut)|live(?: {YEAR})?|live (?:in|on) .*\d{{4}}|"
    r"live (?:at|from|session|version|video|performance)\b.*|"
    r"\S+ (?:remix|version|bootleg)|(?:piano|guitar|drum|bass|violin|vocal|ukulele|metal) cover|"
    r"(?:acoustic|karaoke|instrumental|demo|lyrics?) (?:version|video|session|cover)"
)
"""Decoration even where nothing else could be the name; not so in "Oasis - Live Forever" and
"Selena Gomez - Rare", which are songs."""
DECORATION_ONLY = re.compile(
    rf"(?:(?:{'|'.join(f'(?:{pattern})' for pattern in DECORATION)}){_SEPARATOR})++"
)
FEATURING = re.compile(
    r"(?:^|[\s,\-–(\[])(?:(?:(?:feat|ft)\.?|featuring|f/|w/(?!\s*+lyrics)|duet with|"
    r"(?:en )?duo avec|(?:con la )?participaci[oó]n de|(?-i:f\.)|"
    r"part\.(?!\s*+(?:\d|[ivx]++\b)))\s+|(?:feat|ft)[.:]++\s*+)(?=[\w@$])",
    re.IGNORECASE,
)
_GUEST = r"(?:[A-ZÀ-ÞŁŚŽ0-9][\w.'’$!-]*+)"
GUESTS = re.compile(
    r"(?:with|w/|con|avec|mit|met|med|com|m/|vs\.?|[Ww]ith|[Vv]s\.?|&)\s+"
    r"(?!(?:A|The|No|Love|All|Dem|Den|Der|Lots|Amor|Lyrics|English|Deutsch|Some(?:one|thing))\b)"
    rf"{_GUEST}(?:(?:\s+(?:&|and|y|et|und|e|of|de|van|von|the|x)|,)?\s+{_GUEST}){{0,6}}+"
)
"""Guests that only a bracket tells from a song's name: "(with Some Body)", "(mit Some Body)"."""
NAMES = re.compile(
    r"(?<!\s)\s*+(?:,|;|/|&|\+|\band\b|\bund\b|\bet\b|\by\b|\bx\b|\bvs\.?(?=\s))\s*", re.I
)
EXTENSION = re.compile(r"\.(?:avi|wmv|mpe?g|flv|mp[34]|mov|mkv|wav|webm)$", re.IGNORECASE)
