"""First names, which tell an artist's name from a song's where no sign parts the two."""

from .normalization import normalize_key
from .patterns import NAMES
from .words import says_something

FIRST_NAMES = frozenset(
    "aaron adam adel adriano agnes al alain alan albert alejandro alessandra alex alexander "
    "alice alicia alison alvaro amanda amy ana anastacia andre andrea andreas andrew andy "
    "angela angelo anita anja ann anna anne annie anthony antonio aretha ariana arthur astrid "
    "barbara barry beatrice ben benny bernard bernd bert bertrand bill billie billy bjorn bob "
    "bobby bonnie boris brenda brian bruce bruno bryan burt camila carl carlo carlos carly "
    "carol carole caroline carrie cat catherine celine charles charlie charlotte chet chris "
    "christian christina christine christoph christophe christopher chuck claire claude claudia "
    "cliff connie conny craig cyndi dan dana daniel danny daryl dave david dean debbie demi "
    "dennis diana dieter dionne dirk dolly dominik don donna donny doris drafi duane dusty "
    "eddie eddy edith eduard edward elisabeth ella ellen ellie elton elvis emily emma engelbert "
    "enrico enrique eric erik ernest eros etta eva fabian fats felix florent frances francesco "
    "francis francisco francoise frank frankie franz fred freddie freddy frederic gabriel gary "
    "gene georg george georges gerard gerhard gianna gilbert giorgio gitte glenn gloria gordon "
    "grace graham greg gregory guido guillaume gwen hank hannes hans harald harry heidi heinz "
    "helen helena helene helmut henri henry herb herbert herman hildegard howard hubert hugo "
    "ian ilse ina inga ingrid irene iris isaac ivan jack jackie jacques jake james jamie jan "
    "jane janet janis jason jay jean jeanette jeff jennifer jeremy jerry jessica jessie jill "
    "jim jimi jimmy joan joana joe joel johan johann johannes john johnny jon joni jorge jose "
    "josh joshua joyce juan judith judy juha julia juliane julie julien juliette julio jurgen "
    "justin karel karen kari karl kate katharina katie katja katy kay keith kelly ken kenny "
    "kevin kim klaus konstantin kurt kylie lana lara lars laura laurent lee lena leo leon leona "
    "leonard leroy lesley leslie lewis lina linda lionel lisa liza lizzy lorenzo lou louis "
    "louise luca lucas lucio luigi luis luther lutz madeline manfred marc marcel marco marcus "
    "margot maria mariah marianne marie mario marion marius mark markku markus martha martin "
    "marty marvin mary mathieu matia matt matteo matthew matthias matti maurice max maxime mel "
    "melanie melissa michael michel michelle mick miguel mike miley milva mireille mitch monica "
    "monika morten nancy nat natalie neil nelly nelson nena nicki nicky nico nicola nicolas "
    "nicole niels nik nina nino norah norman olaf ole oliver olivia olivier otis otto pablo "
    "paco paolo pascal pat patrick patsy patti patty paul paula pauline pavel pedro peggy percy "
    "perry pete peter petra petula phil philip philippe pierre pino rachel raffaella rainer "
    "ralf ralph randy ray raymond rebecca reinhard renate ricardo ricchi richard rick ricky "
    "rita rob robbie robert roberta roberto robin rod roger roland rolf roman romina ron ronan "
    "ronnie rory roy rudi rupert russ ruth ryan sabrina salvatore sam samantha sandra sandy "
    "santiago sara sarah sascha scott sean selena serge sergio shania shawn sheena shirley "
    "simon sofia sonia sonny sophie stefan stefanie steffen stella stephan stephanie stephen "
    "steve steven stevie stuart susan suzanne suzi sven sylvia sylvie tamara tammy tanita tanja "
    "taylor ted teddy teresa terry thomas tim tina tiziano tobias tom tommy toni tony tracy "
    "ulla umberto ursula ute uwe vanessa vera veronique vic vicky victor vince vincent virginia "
    "vladimir walter wanda warren wayne wendy werner whitney wilhelm william willie willy "
    "wilson wolfgang xavier yves yvonne zucchero".split()
)
"""As ``normalize_key`` writes them."""
_LEAST = 3
"""The least number of letters of a family name."""
_LEAST_LOUD = 4
"""The least number of capital letters of a name: fewer may be one word with stress."""


def split_person(text: str) -> tuple[str, str]:
    """Return the person's name at the beginning of ``text``, and the rest.

    Both are empty where there is none, or where a sentence goes on: "James Brown Is Dead".
    """
    words = text.split()
    if len(words) < 3 or not is_person(words[:2]):
        return "", ""
    follows = words[2]
    if not follows[:1].isalnum() or follows[:1].islower() or says_something(normalize_key(follows)):
        return "", ""
    return " ".join(words[:2]), " ".join(words[2:])


def split_capitals(text: str) -> tuple[str, str]:
    """Return an artist's name in capitals and a song's in small letters, in either order.

    ``"ZELKA & TANN Rosalinda"`` -> ``("ZELKA & TANN", "Rosalinda")``; both are empty where capitals
    tell nothing.
    """
    words = text.split()
    is_loud = [word.isupper() or not any(map(str.isalpha, word)) for word in words]
    n_first = is_loud.index(False) if False in is_loud else 0
    n_last = is_loud[::-1].index(False) if False in is_loud else 0
    if n_first + n_last != sum(is_loud):
        return "", ""
    first, rest = " ".join(words[:n_first]), " ".join(words[n_first:])
    if _is_loud_name(first) and not n_last and rest[:1].isupper():
        return first, rest
    rest, last = " ".join(words[: len(words) - n_last]), " ".join(words[len(words) - n_last :])
    is_last = n_last > 1 and not n_first and _is_loud_name(last)
    return (last, rest) if is_last else ("", "")


def _is_loud_name(name: str) -> bool:
    return sum(map(str.isalpha, name)) >= _LEAST_LOUD and name[:1].isalpha()


def are_people(name: str) -> bool:
    """Return whether ``name`` is one person's name, or those of several."""
    names = [part.split() for part in NAMES.split(name) if part]
    return bool(names) and all(map(is_person, names))


def is_person(words: list[str]) -> bool:
    """Return whether two words are a first and a family name: ``["Mitch", "Keller"]``."""
    if len(words) != 2 or not all(word[:1].isupper() for word in words):
        return False
    first, family = map(normalize_key, words)
    is_family = len(family) >= _LEAST and family.isalpha() and words[1].replace("-", "").isalpha()
    return is_family and first in FIRST_NAMES and not says_something(family)
