"""First names, which tell an artist's name from a song's where no sign parts the two."""

import re

from .normalization import normalize_key
from .patterns import NAMES
from .words import says_something

FIRST_NAMES = frozenset(
    "aaron abdul achim adam adamo adel adela adelina adrian adriano agata agnes agnetha "
    "agnieszka ahmed ahmet aida aino aki akos al alain alan albano albert alberto albin alda "
    "aldo alejandra alejandro aleksander aleksandr aleksandra alena alessandra alessio alex "
    "alexander alexandra alexia alexis alfredo alice alicia aliki alina alison allan alois "
    "alvaro amadeo amalia amanda amedeo amelie amir amy ana anastacia anastasia anatoly "
    "anders andras andre andrea andreas andrei andrej andrew andris andrzej andy aneta angela "
    "angelika angelique angelo anika anita anja anke ann anna anne anneli annett annette "
    "annie annika ansgar anthony antonella antonello antonia antonio antonis antti aretha "
    "ariana arik arja armando arno arnold arthur arto arvid asha asli astor astrid attila "
    "audrey augustin axel ayla aziza balazs barbara barbra barry bartosz beata beatrice ben "
    "benedikt benito benjamin benny bente berit bernadette bernard bernd berndt bert bertie "
    "bertrand bettina bianca bill billie billy birgit birgitta bjorn blanka bob bobby bodo "
    "bogdan bohumil bojan bonnie boris bozena branko brenda brian brigitte britta bruce "
    "brunello bruno bryan burak burkhard burt camila camilla camillo carina carl carlo carlos "
    "carly carol carole caroline carrie carsten cat caterina catherine cedric celia celine "
    "cesaria chantal charles charlie charlotte chet chiara chris christa christel christer "
    "christian christina christine christoph christophe christopher christos chuck cilla "
    "cindy claire claude claudia claudio clemens cliff connie conny conor constanze cora "
    "corinna corinne cornelia craig cristian cristiano cristina cyndi czeslaw dalia dalida "
    "damian damien dan dana daniel daniela daniele danielle danny danuta dario darko daryl "
    "dave david davide dean debbie debora deborah demi demis denise dennis desmond detlef "
    "diana dieter diether dimitris dino dionne dirk djordje dolly domenico dominik dominique "
    "don donna donny doris dorota dorothea drafi dragan drago duane dusan dusty ebru eckart "
    "eddie eddy edita edith edoardo eduard eduardo edward edyta efrem eija eino elena eleni "
    "eleonora elif elin elina elio elisa elisabeth elise elke ella ellen ellie elly elmar "
    "elsie elton elvira elvis emanuele emil emilia emilio emily emin emma emmylou engelbert "
    "ennio enrico enrique enzo eric erik erika erkin erkki ernest eros erwin esa estelle "
    "etienne etta eugen eugene eugenio eva evelyn ewa fabian fabio fabrizio fairuz fatma fats "
    "fausto federico felipe felix ferenc fernando fiona fiorella florent florian franca "
    "frances francesco francis francisco franco francois francoise frank frankie franz fred "
    "freddie freddy frederic frederik frieda friedrich fritz gabor gabriel gabriella gaby "
    "gaetano galina gary gaston gene genevieve georg george georges georgie georgina georgios "
    "gerald gerard gerd gergely gerhard gheorghe giancarlo gianluca gianna gianni gilbert "
    "gilberto giorgio giovanni gisela gitta gitte giulia giuni giuseppe glenn gloria goran "
    "gordana gordon gottfried grace graham grazyna greg gregory grete grethe grzegorz gudrun "
    "guido guillaume gunnar gunter gunther gustav guus gwen gyorgy halina hank hanna hanne "
    "hannelore hannes hannu hans harald haris harro harry hartmut harumi hector heidi heike "
    "heikki heiko heiner heinz helen helena helene helga helge hella hellen helmer helmut "
    "henk henning henri henrik henry henryk herb herbert herman hermes hilary hilde hildegard "
    "hildegarde hiroshi horst howard howie hubert hubertus hugo huub ian ibrahim ignacy igor "
    "ilja ilona ilse imre ina inez inga inge ingeborg inger ingmar ingo ingrid ioan ioana "
    "irena irene irina iris irma isaac isabel isabella isabelle ismo istvan ivan ivana ivano "
    "ivica ivo jaakko jacek jacinta jack jackie jacqueline jacques jadwiga jaime jake jamala "
    "james jamie jan jane janet janina janis jann janne jannis janos jari jarkko jaromir "
    "jaroslav jasmin jason javier jay jean jeanette jeannette jeff jelena jenni jennifer jens "
    "jeremy jerry jerzy jessica jessie jetty jill jim jimi jimmy jiri joachim joakim joan "
    "joana joao joaquin jocelyn joe joel johan johann johanna johannes john johnnie johnny "
    "jolanda jolanta jon jonas jonathan joni jordi jorge joris jose josef josefine josep "
    "joseph josh joshua josipa jouni jovan joyce jozef jozsef juan judit judith judy juha "
    "juhamatti juhani jukka julia juliane julianna julianne julie julien julieta juliette "
    "julio jurgen justin jutta kaija kaj kajsa kalervo kamil karel karen kari karin karl "
    "karol karolina karoly karsten katariina katarina kate katerina katharina kathleen "
    "kathryn kathy katia katie katja katri katrin katrina katy kay kazik keith kelly ken "
    "kenji kenny kerstin kevin kim kirsi kirsten kirsty kjell klara klaus konrad konstantin "
    "konstantinos kostas kristian kristiina kristin kristina krisztina krzysztof kurt kylie "
    "ladislav laila lajos lana lara lars lasse laszlo laura laurent laurie laurin lee leif "
    "leila lena lenny leo leon leona leonard leonardo leonid leopold leroy lesley leslie "
    "leszek lewis liam liane lidia liisa lilian liliana lillian lina linda linnea lionel lisa "
    "liv livia liza lizzy ljiljana lluis lorena lorenza lorenzo loretta lothar lou louane "
    "louis louise luba lubos luc luca lucas lucia luciana luciano lucie lucienne lucio "
    "ludovico ludwig luigi luis luisa lukas luther lutz lynn lynsey maarit maarten maciej "
    "madeline magda magdalena magne magnus maija maire malgorzata malin malte manfred manolo "
    "manuel manuela marc marcel marcela marcella marcello marcin marco marcus mareike marek "
    "margaret margareta margarita margherita margit margot margrethe mari maria mariah mariam "
    "mariana mariangela marianne mariano marie marietta marija marika marilyn marino mario "
    "marion marisa mariska marit maritza marius marja marjatta marjo marjorie mark marketa "
    "markku marko markos markus marlena marlene marta martha martin martina martti marty "
    "marvin mary maryla masayoshi massimo mathias mathieu matia matic matilde matt matteo "
    "matthew matthias matti maurice maurizio mauro max maxime maximilian maxine mehmet mel "
    "melanie melina melissa mercedes merja michael michel michelle mick miguel mihai mihaly "
    "mikael mike mikhail mikko miklos milan milena miley milica milos milva mino mireille "
    "miriam mirjam mirko miroslav mitch mladen mojca monica monika monique montserrat morris "
    "morten murat myriam nada nadia nadine nadja naim najwa nancy nat natalia natalie natasa "
    "natasha nazan neda neeltje neil nela nelli nelly nelson nena nestor nicki nicky nico "
    "nicola nicolas nicole nicoletta niels nigel nik nikita nikola nikolai nikos nilla nils "
    "nina ninette nino noemi nora norah norbert norman nuno nunzia nusrat oddvar ofelia ofra "
    "oksana olaf olavi oldrich ole olena olga oliver olivia olivier oliviero olli olof ondrej "
    "orietta orlando ornella oscar oskar osmo otis otmar ottavio otto oystein paavo pablo "
    "paco paola paolo pascal pat patricia patrick patrik patrizia patrizio patsy patti patty "
    "paul paula pauline pavel pavol pedro peggy pekka pentti peppino percy pernilla perry "
    "pete peter petr petra petri petter petula phil philip philippe pia piero pierre pietro "
    "pilar pim pino piotr pirkko piroska placido priscilla rachel radim rafael rafal "
    "raffaella raija raimo raimund rainer rainhard ralf ralph ramon randy raphael raquel "
    "rasmus raul rauli ray raymond raymonde reba rebecca regina reijo reinhard reinhold remo "
    "renate renato renaud rene renzo ricardo riccardo ricchi richard rick ricky riikka riitta "
    "rikke rina rini risto rita ritchie rob robbie robby robert roberta roberto robin rocio "
    "rod rodolfo rodrigo roger roland rolando rolf roman romano romina romuald ron ronald "
    "ronan ronnie rory rosana rosanne rosemarie rosemary rosita roxana roy rudi rudiger "
    "rudolf ruggero runar rupert russ ruth ryan ryszard saara sabrina salif salvador "
    "salvatore sam samantha sami samuel samuli sandie sandor sandra sandro sandy sanna "
    "santiago sara sarah sarit sarolta sascha satu scott sean sebastian sebastien selena "
    "sendi seppo serdar serge sergei sergej sergio serhat severina severine sezen shania "
    "shawn sheena shirin shirley sibel sibylle siegfried sigrid sigurd silje silke silvia "
    "silvio simon simona simone sinead sini siv slavko slawomir sofia sofie solveig sonia "
    "sonny sophie soren stacey stacy stanislav stanislaw stefan stefani stefanie stefano "
    "steffen steinar stelios stella stephan stephane stephanie stephen steve steven stevie "
    "stina stjepan stuart sunniva susan susana susanna susanne suvi suzanne suzi svante sven "
    "sverre svetlana sybille sylvain sylvester sylvia sylvie sylwia tadeusz taina tamara "
    "tamas tammy tanita tanja tapani tarja tarkan tatiana tatjana taylor ted teddy teija "
    "tekla telly teodor terence teresa terez terje terry tessa teuvo thelma themis theresa "
    "thierry thomas thorsten tibor tiia tiina tim timi timo timothy tina tiziano tobias tom "
    "tomas tomasz tommaso tommy toni tonino tony topi tore torsten tove tracey tracy trijntje "
    "trine trini tristan truus tuija tuomari tuomas turo udo ulf uli ulla ulli ulrich ulrika "
    "ulrike umberto ursula urszula ute uwe vaclav valeria valerio valery vanessa vasco "
    "vasilis veikko venla vera veronika veronique vesa vic vicente vicki vicky vico victor "
    "vidar viktor viktoria vince vincent violeta violetta virginia virginie virpi virve "
    "vittorio vivian vivienne vladimir vlado volker waldemar walter walther wanda warren "
    "wayne wendy werner whitney wieslaw wiktor wilbert wilhelm willeke willem william willie "
    "willy wilma wilson wincent witold wojciech wolfgang wyn xavier yannick yannis yasmin "
    "yoko yolanda yuri yusuf yves yvette yvonne zbigniew zdenek zdzislaw zeljko zoltan zoran "
    "zsolt zsuzsa zucchero zuzana".split()
)
"""As ``normalize_key`` writes them."""
_SECOND_NAMES = frozenset(
    "akos andras balazs bela ferenc gabor gergely gyorgy imre istvan janos jozsef karoly "
    "krisztina lajos laszlo mihaly miklos sandor sarolta tamas tibor zoltan zsolt zsuzsa".split()
)
"""First names of a language that puts them second: Hungarian."""
_BAND = re.compile(
    r"\S (?:&|and|und|y|et|och|og|ja|e) (?:the|his|her|die|los|les|sein\w*|ihre?|seu|sua|su) \S|"
    r"(?:orchestra|orchestre|orquesta|orchester|orkester|band|ensemble|quartett?|quintett?|"
    r"sextett?|trio|duo|choir|chor|singers|brothers|sisters|all[- ]stars)$",
    re.IGNORECASE,
)
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


def is_band(name: str) -> bool:
    """Return whether ``name`` reads like a band's: ``"Ann and the Others"``, ``"Ann Trio"``."""
    return _BAND.search(name.strip()) is not None


def is_person(words: list[str]) -> bool:
    """Return whether two words are a first and a family name: ``["Mitch", "Keller"]``."""
    if len(words) != 2 or not all(word[:1].isupper() for word in words):
        return False
    first, family = map(normalize_key, words)
    if family in _SECOND_NAMES:
        first, family = family, first
    is_family = len(family) >= _LEAST and family.isalpha() and words[1].replace("-", "").isalpha()
    return is_family and first in FIRST_NAMES and not says_something(family)
