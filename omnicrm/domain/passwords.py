"""Passwords: the rules for a new one, and argon2 for those that stand."""

from __future__ import annotations

import re
import secrets
import threading
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 256  # characters: hashing costs by length, and nobody types more

_HASHER = PasswordHasher()  # argon2id, RFC 9106's second choice: 64 MiB, three passes
_AT_ONCE = threading.Semaphore(4)  # so that a burst of sign-ins does not take the memory of the machine

# What is tried first. Compared without case, figures and signs at the end, doubled words, and letters written as signs.
_COMMON = frozenset(
    """
    password passwort salasana lozenord losenord motdepasse contrasena senha parool haslo parola
    qwertyuiop qwertzuiop azertyuiop asdfghjkl asdfghjklo zxcvbnm qwerty qwertz azerty qazwsxedc qazwsx
    iloveyou ichliebedich rakastansinua tequiero jetaime letmein welcome welcometo willkommen tervetuloa
    administrator admin administration changeme changeit default secret topsecret master superman batman
    sunshine princess football baseball basketball liverpool chelsea arsenal barcelona realmadrid
    trustnoone starwars pokemon charlie michael jennifer jessica dragon monkey shadow whatever
    computer internet google facebook instagram microsoft samsung iphone android
    namaste meditation massage wellness wellbeing yogastudio yogateacher therapist mindfulness stillwater
    omnicrm practice practitioner stetoscope summer winter spring autumn january december
    loveyou lovelove helloworld hellohello testtest testing abcdefgh abcdefghij abcabc
    """.split()
)
_LEET = str.maketrans("013457@$!", "oleastasi")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop")


def fault(password: str, *own: str) -> str | None:
    """What is wrong with a new password, as a sentence; None where it will do.

    `own` are words that others know of the person (name, address): not to be the password.
    """
    if len(password) < SHORTEST:
        return f"{SHORTEST} characters or more, please. A sentence is fine."
    if len(password) > LONGEST:
        return f"At most {LONGEST} characters, please."
    plain = _folded(password)
    if len(set(plain)) < 4 or _is_run(plain):
        return "This is too easy to guess. Three or four words that do not belong together are better."
    if _is_common(plain):
        return "This is among the first that are tried. Three or four words that do not belong together are better."
    for word in own:
        known = _folded(word)
        if len(known) >= 4 and len(plain.replace(known, "")) < 5:
            return "This is too close to your name or address."
    return None


def hashed(password: str) -> str:
    """An argon2id hash with its parameters and salt."""
    with _AT_ONCE:
        return _HASHER.hash(_normal(password))


def matches(password: str, stored: str | None) -> bool:
    """Whether it is the one. Takes as long where nothing is stored (`None`): who has an account does not show."""
    try:
        with _AT_ONCE:
            return _HASHER.verify(stored or _nobodys(), _normal(password)[:LONGEST]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with weaker parameters than today's: make it anew at the next sign-in."""
    return _HASHER.check_needs_rehash(stored)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_urlsafe(16))


def _normal(password: str) -> str:
    """The same characters however a keyboard composes them."""
    return unicodedata.normalize("NFC", password)


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _is_common(plain: str) -> bool:
    # both ways round: “p4ssw0rd2024” loses its year, “iloveyou!!!” its signs, “passwordpassword” its second half
    for candidate in (plain, plain.translate(_LEET)):
        core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", candidate)
        letters = re.sub(r"[\W\d_]", "", core)
        half = letters[: len(letters) // 2]
        if {core, letters} & _COMMON or (half and half * 2 == letters and half in _COMMON):
            return True
    bare = re.sub(r"[\W\d_]+$", "", plain)
    return re.sub(r"[\W_]", "", bare.translate(_LEET)) in _COMMON


def _is_run(plain: str) -> bool:
    """A piece of the alphabet, of the figures or of a keyboard row, there or back, as often as one likes."""
    for row in _ROWS:
        doubled = row * 3
        if plain in doubled or plain in doubled[::-1]:
            return True
    return any(plain == plain[:size] * (len(plain) // size) for size in range(1, 4) if len(plain) % size == 0)
