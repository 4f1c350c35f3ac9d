"""Where a song was shown, played or recorded: stations, programmes, contests and festivals.

All of it says nothing about the song. The patterns match lower-case text.
"""

_YEAR = r"(?:(?:19|20)\d\d|['’´`]\d\d)"
NATION = (
    r"(?:german|french|dutch|spanish|italian|british|uk|us|swiss|austrian|belgian|danish|swedish|"
    r"norwegian|finnish|polish|hungarian|czech|russian|japanese|australian|canadian|mexican|"
    r"brazilian)"
)
_STATION = (
    r"(?:bbc|ard|zdf|orf|rtl|wdr|ndr|swr|srf|mdr|vh-?1|mtv|pro ?7|sat\.? ?1|avro|tros|vara|nos|"
    r"rai|tve|tf1|antenne 2|france ?[23]|svt|nrk|yle|tvp|nbc|cbs|abc|itv|pbs|kexp|npr|kcrw)"
)
STATION = (
    rf"(?:{_STATION}(?: (?:tv|radio|live|sessions?|one|two|[1-6]|{_YEAR}))*|"
    rf"(?:radio [1-6] |peel |kexp )sessions?|{NATION} tv(?:[ -]show)?|tv[ -]show)"
)
"""Who broadcast it, as all that a bracket says: "(BBC Radio 1 Session)", "(German TV)"."""
STATION_BEHIND = (
    rf"(?:{_STATION} (?:(?:tv|radio|live|sessions?|one|two|[1-6]) ?)*(?:tv|radio|live|sessions?|"
    rf"{_YEAR})|(?:ard|zdf|orf|rtl|wdr|ndr|swr)|(?:bbc |peel |kexp )sessions?|{NATION} tv"
    rf"(?:[ -]show)?|on tv|(?:on )?tv(?:[ -]show| {_YEAR}))(?: {_YEAR})?"
)
"""The same behind a name without brackets, where one word more must say that it is a station."""
SHOW = (
    r"(?:top of the pops|totp\d?|top ?pop|musikladen|(?:zdf[- ]?)?(?:hitparade|fernsehgarten)|"
    r"beat[- ]?club|starparade|avro\w*|wetten,? dass\W*|(?:peter'?s|thommys) pop ?show|"
    r"ein kessel buntes|musik ist trumpf|verstehen sie spa(?:ß|ss)\W*|plattenküche|formel eins|"
    r"na sowas\W*|die aktuelle schaubude|rockpalast|sing meinen song|das supertalent|dsds|"
    r"(?:the )?ed sullivan show|(?:the )?tonight show|american bandstand|"
    r"(?:the )?midnight special|(?:the )?(?:old )?grey whistle test|ogwt|grand ole opry|"
    r"later\W* with jools holland|vh1 storytellers|(?:david )?letterman|jimmy kimmel live|"
    r"saturday night live|the voice (?:kids|of \w+)|(?:the )?x factor|(?:\w+'?s|das) got talent|"
    r"tv ?total|discoring|taratata|(?:festival di )?san ?remo|"
    r"festivalbar|syksyn sävel|euroviisut|melodifestivalen|dansk melodi grand prix|"
    r"eurovisi[oó]n song contest|eurosong)"
)
"""Programmes and contests whose names are no words of a song's name."""
SHOW_IN_BRACKETS = (
    rf"(?:{SHOW}|zdf[- ]disco|disco|soul train|ohne filter|storytellers|late show|snl|shindig|"
    r"hullabaloo|hootenanny|the voice|champs[- ][eé]lys[eé]es|vevo|ap+lauso?|sacrée soirée|"
    r"numéro un|mgp|countdown|hit ?parade|songfestival|eurovisi[oó]n)"
)
"""These and others, where brackets or a year tell them from a song's name: "Afro Disco"."""
FESTIVAL = (
    r"(?:glastonbury|woodstock|wacken(?: open air)?|montreux(?: jazz festival)?|rock am ring|"
    r"rock in rio|live aid|live 8|coachella|lollapalooza|pinkpop|pukkelpop|roskilde|knebworth|"
    r"tomorrowland|isle of wight|monterey(?: pop)?|reading(?: festival)?|sopot|viña(?: del mar)?|"
    r"midem|farm aid|wembley(?: stadium)?|newport(?: folk| jazz)?(?: festival)?|"
    r"royal albert hall|hollywood bowl|madison square garden|carnegie hall)"
)
"""Festivals and halls."""
DECADE = r"(?:(?:19|20)?\d0(?:['’´`]?s|er))"
