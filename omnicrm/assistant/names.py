"""Names of people: read from headers, signatures and sentences, in the forms that people write."""

from __future__ import annotations

import re
import unicodedata

_TITLES = frozenset(
    "mr mrs ms miss mx dr prof professor sir madam frau herr mme mlle m rev fr sr sra senhor senhora hon lord lady dame ing dipl mag".split()
)
_SUFFIXES = frozenset("phd md jr sr ii iii mba dds rn esq bsc msc ba ma mrics cpa dphil pt do".split())
_COMPANY = re.compile(
    r"\b(?:gmbh|ltd|limited|llc|inc|llp|plc|ag|kg|ab|as|bv|nv|pty|sarl|sas|srl|co|corp|company|team|studio|clinic|practice|bank|billing|support|info|office|hello|service|services|"
    r"notifications?|no-?reply|newsletter|payments?|bookings?|booking|forms?|website|centre|center|school|hotel|group|partners|systems|solutions|hausverwaltung|verwaltung|accounts?|"
    r"accounting|admin|security|sales|marketing|weekly|daily|news|digest|society|association|trust|foundation|university|college|council|hospital|surgery|pharmacy|insurance|energy|"
    r"properties|immobilien|realty|lettings|logistics|delivery|shop|store|supplies|mail delivery|postmaster|mailer-daemon|via|ledger|bookkeeping|consulting|agency|media|labs?|legesenter|"
    r"reception|receptionist|desk|department|dept|calendar|mailer|subsystem|therapy|yoga|massage|fitness|gym|spa|app|platform|online|market|works|linen|cleaning|plumbing)\b",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    "van von der den de del della di da dos das du la le el al bin ibn ter ten af av mac mc st o' vande zu zur y e".split()
)
_SHORT = {
    "bob": "robert", "rob": "robert", "robbie": "robert", "bobby": "robert", "bill": "william", "will": "william", "billy": "william", "liam": "william",
    "dick": "richard", "rick": "richard", "rich": "richard", "ricky": "richard", "jim": "james", "jimmy": "james", "jamie": "james", "mike": "michael", "mick": "michael", "mickey": "michael",
    "tom": "thomas", "tommy": "thomas", "dave": "david", "davey": "david", "steve": "steven", "stevie": "steven", "chris": "christopher", "kit": "christopher", "tony": "anthony", "ant": "anthony",
    "joe": "joseph", "joey": "joseph", "jack": "john", "johnny": "john", "jon": "jonathan", "nick": "nicholas", "nicky": "nicholas", "matt": "matthew", "andy": "andrew", "drew": "andrew",
    "ed": "edward", "eddie": "edward", "ted": "edward", "ned": "edward", "ben": "benjamin", "benny": "benjamin", "sam": "samuel", "dan": "daniel", "danny": "daniel", "alex": "alexander",
    "al": "albert", "fred": "frederick", "freddie": "frederick", "greg": "gregory", "jeff": "jeffrey", "ken": "kenneth", "larry": "lawrence", "leo": "leonard", "len": "leonard", "pat": "patrick",
    "paddy": "patrick", "pete": "peter", "phil": "philip", "ray": "raymond", "ron": "ronald", "stan": "stanley", "terry": "terence", "tim": "timothy", "vic": "victor", "walt": "walter", "gaz": "gary", "baz": "barry", "shaz": "sharon", "gazza": "gary", "bazza": "barry", "dazza": "darren", "daz": "darren", "kaz": "karen", "caz": "caroline", "maz": "mary", "loz": "lawrence", "jez": "jeremy", "jules": "julia", "wolfie": "wolfgang",
    "kate": "katherine", "katie": "katherine", "kathy": "katherine", "kat": "katherine", "cathy": "catherine", "kitty": "katherine", "liz": "elizabeth", "lizzie": "elizabeth", "beth": "elizabeth", "betty": "elizabeth", "eliza": "elizabeth", "bess": "elizabeth", "libby": "elizabeth", "maggie": "margaret", "meg": "margaret", "peggy": "margaret", "madge": "margaret", "rita": "margaret", "greta": "margaret",
    "sue": "susan", "susie": "susan", "suzie": "susan", "jen": "jennifer", "jenny": "jennifer", "jess": "jessica", "becky": "rebecca", "bec": "rebecca", "becca": "rebecca", "vicky": "victoria", "tori": "victoria", "debbie": "deborah", "deb": "deborah", "barb": "barbara", "babs": "barbara", "pam": "pamela", "angie": "angela", "ange": "angela", "mandy": "amanda", "abby": "abigail", "abbie": "abigail",
    "addie": "adelaide", "alice": "alice", "allie": "alison", "ally": "alison", "annie": "anne", "nan": "anne", "cindy": "cynthia", "connie": "constance", "dot": "dorothy", "dottie": "dorothy", "ellie": "eleanor", "nell": "eleanor", "nellie": "eleanor", "fran": "frances", "frankie": "frances", "gail": "abigail", "ginny": "virginia", "gwen": "gwendolyn", "jan": "janet", "jo": "joanna", "josie": "josephine", "judy": "judith", "kim": "kimberly", "lottie": "charlotte", "charlie": "charlotte",
    "lucy": "lucille", "mel": "melanie", "millie": "mildred", "mimi": "miriam", "molly": "mary", "nancy": "anne", "nat": "natalie", "patty": "patricia", "trish": "patricia", "tricia": "patricia", "penny": "penelope", "polly": "mary", "prue": "prudence", "pru": "prudence", "pip": "philippa", "pippa": "philippa", "sally": "sarah", "sadie": "sarah", "sandy": "sandra", "steph": "stephanie", "tess": "theresa", "terri": "theresa", "theo": "theodore", "tilly": "matilda", "tina": "christina", "trudy": "gertrude", "val": "valerie", "viv": "vivian", "winnie": "winifred", "zoe": "zoe",
    "bernie": "bernadette", "cass": "cassandra", "flo": "florence", "bea": "beatrice", "bia": "beatriz", "gabe": "gabriel", "gabi": "gabriela", "gus": "augustus", "hal": "henry", "harry": "henry", "hank": "henry", "izzy": "isabel", "bella": "isabella", "jake": "jacob", "jase": "jason", "jay": "jason", "josh": "joshua", "lexi": "alexandra", "sasha": "alexandra", "lex": "alexander", "manny": "manuel", "max": "maximilian", "nate": "nathan", "noe": "noelani", "oli": "oliver", "ollie": "oliver", "pepe": "jose", "paco": "francisco", "rafa": "rafael", "sebi": "sebastian", "seb": "sebastian", "shelly": "michelle", "simi": "simone", "stu": "stuart", "tasha": "natasha", "tash": "natasha", "toby": "tobias", "uli": "ulrich", "wendy": "gwendolyn", "xan": "alexander", "zack": "zachary", "zac": "zachary",
}  # fmt: skip


def plain(word: str) -> str:
    """Lower case without accents."""
    folded = unicodedata.normalize(
        "NFKD",
        word.casefold().replace("ß", "ss").replace("ø", "o").replace("æ", "ae").replace("ł", "l").replace("đ", "d"),
    )
    return "".join(c for c in folded if not unicodedata.combining(c))


def is_company(name: str) -> bool:
    return bool(_COMPANY.search(name)) or bool(re.search(r"[&@]\s*(?:Co|Sons|Partners)\b|\d", name))


def split(written: str) -> tuple[str, str]:
    """First and last name of a person's written name; ("", "") where it is none.

    "SURNAME First" and "Last, First" are turned, titles, brackets, emoji and "via …" dropped, of "A & B" the first.
    """
    name = re.sub(r"\([^)]*\)|\[[^\]]*\]|\s+(?:via|from|at|\|)\s+.*$|\s+[-–|/]\s+.*$", " ", written)
    name = re.sub(r"[^\w\s,.'’&+-]|[\d_]", " ", name).strip(" .,'\"-")
    if not name or "@" in written or is_company(name):
        return "", ""
    if match := re.fullmatch(r"([^,]+),\s*([^,]+)", name):
        last, first = match[1].strip(), match[2].strip()
        if plain(first).strip(".") not in _SUFFIXES and len(first.split()) <= 3:
            name = f"{first} {last}"
    name = re.split(r",", name)[0]
    couple = re.match(r"^(\S+)\s+(?:&|and|\+|und|et|y|e|og|och|en)\s+(\S+)(?:\s+(.+))?$", name)
    if couple:
        name = f"{couple[1]} {couple[3] or ''}".strip()
    words = [w.strip(".") if len(w) > 2 else w for w in name.split()]
    words = [w for w in words if plain(w).strip(".") not in _TITLES or (len(words) == 1)]
    words = [w for w in words if plain(w).strip(".") not in _SUFFIXES]
    if not words or len(words) > 5:
        return "", ""
    capital = [w for w in words if len(w) > 1 and w.isupper() and w[:1].isalpha()]
    if len(words) >= 2 and capital and len(capital) < len(words):
        lead = len([w for w in words if w in capital])
        if words[:lead] == capital:
            words = words[lead:] + words[:lead]
    if all(w.isupper() or w.islower() for w in words):
        words = [_titled(w) for w in words]
    elif capital and len(capital) < len(words):
        words = [_titled(w) if w in capital else w for w in words]
    if len(words) == 1:
        return words[0], ""
    first, rest = words[0], words[1:]
    while len(rest) > 1 and plain(rest[0]) not in _PARTICLES and len(rest[0].strip(".")) <= 1:
        rest = rest[1:]  # an initial in the middle
    return first, " ".join(rest)


def _titled(word: str) -> str:
    if plain(word) in _PARTICLES and not word.isupper():
        return word
    return re.sub(r"[^\W\d_]+", lambda m: m.group()[:1].upper() + m.group()[1:].lower(), word)


_SPELT = {
    "katharine": "katherine", "catherine": "katherine", "catharine": "katherine", "kathryn": "katherine", "cathryn": "katherine", "katarina": "katherine", "sara": "sarah",
    "stephen": "steven", "geoffrey": "jeffrey", "jonathon": "jonathan", "philipp": "philip", "phillip": "philip", "marc": "mark", "eric": "erik", "carolyn": "caroline", "elisabeth": "elizabeth",
    "teresa": "theresa", "nicola": "nicole", "ann": "anne", "anna": "anne", "lesley": "leslie", "graeme": "graham", "niamh": "niamh", "jaime": "jamie", "alastair": "alistair",
}  # fmt: skip


def same_first(one: str, other: str) -> bool:
    """Whether two first names may be the same person's: equal, one short for the other, or its beginning."""
    a, b = plain(one), plain(other)
    a, b = _SPELT.get(a, a), _SPELT.get(b, b)
    if not a or not b:
        return False
    if a == b or _SHORT.get(a) == b or _SHORT.get(b) == a or (_SHORT.get(a) and _SHORT.get(a) == _SHORT.get(b)):
        return True
    shorter, longer = sorted((a, b), key=len)
    return len(shorter) >= 3 and longer.startswith(shorter)


def from_address(email: str) -> tuple[str, str]:
    """What a mail address tells of a name: ("leah", "crowe") of leah.crowe99@…; ("", "") if nothing."""
    local = re.sub(r"\d+", "", email.split("@", 1)[0].split("+", 1)[0])
    parts = [part for part in re.split(r"[._-]+", local) if part]
    if len(parts) >= 2 and all(part.isalpha() for part in parts[:2]):
        return parts[0], parts[-1]
    return (parts[0], "") if parts else ("", "")


_SELF = re.compile(
    r"\b(?:my (?:full )?name is|my name's|i am|i'm|this is|it's|its|name:)\s+(?P<name>[^\W\d_][\w'’-]+(?:\s+(?:van|von|de|der|da|dos|del|la|di|al|el|bin|mc|mac|o'))*(?:\s+[^\W\d_][\w'’-]+){0,3})",
    re.IGNORECASE,
)
_HERE = re.compile(r"(?:^|[.!,]\s*)(?P<name>[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)?)\s+here\b")


def told(text: str) -> str:
    """The name that a writer gives in a sentence ("I am Jürgen Weißmüller, 61"), or ""."""
    for match in _SELF.finditer(text):
        words = match["name"].split()
        keep = []
        for word in words:
            if word[:1].isupper() or (keep and plain(word) in _PARTICLES):
                keep.append(word)
            else:
                break
        if keep and (len(keep) >= 2 or "name" in match.group().lower()):
            return " ".join(keep)
    if match := _HERE.search(text):
        return match["name"]
    return ""
