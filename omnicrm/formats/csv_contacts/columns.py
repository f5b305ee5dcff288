"""What the columns of an address book mean: Google's, Outlook's, and what people call them in several languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from omnicrm.formats.csv_contacts.dates import day_first
from omnicrm.formats.csv_contacts.reading import Sheet

# what a column may become, with its words
TARGETS: dict[str, str] = {
    "": "Nothing",
    "first_name": "First name",
    "last_name": "Last name",
    "full_name": "Whole name",
    "email": "Mail",
    "phone": "Phone",
    "company": "Company",
    "job_title": "Job title",
    "date_of_birth": "Birthday",
    "pronouns": "Pronouns",
    "website": "Website",
    "address_street": "Street",
    "address_city": "Town",
    "address_state": "Region",
    "address_postal_code": "Postal code",
    "address_country": "Country",
    "tags": "Tags",
    "notes": "Notes",
    "client_since": "Client since",
    "referral_source": "Came through",
}
_MANY = frozenset(("email", "phone", "tags", "notes"))  # these may take several columns, each with what it says

# English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Finnish, Polish; folded, see _folded
_WORDS: dict[str, str] = {
    "first_name": "first name|given name|firstname|forename|first|vorname|rufname|prenom|nombre|nome|voornaam|fornamn|"
    "etunimi|imie|nombre de pila|nome proprio|primeiro nome|given",
    "last_name": "last name|family name|surname|lastname|last|nachname|familienname|zuname|nom|nom de famille|apellido|"
    "apellidos|cognome|sobrenome|apelido|achternaam|efternamn|sukunimi|nazwisko|family",
    "full_name": "name|full name|fullname|display name|contact name|client|client name|kunde|kundenname|nom complet|"
    "nombre completo|nome completo|volledige naam|naam|namn|nimi|imie i nazwisko|vollstandiger name|file as|contact",
    "email": "email|e mail|mail|email address|e mail address|primary email|e mail adresse|mailadresse|email adresse|"
    "courriel|adresse email|adresse e mail|correo|correo electronico|posta elettronica|indirizzo email|"
    "e mailadres|emailadres|e post|epost|e postadress|sahkoposti|adres email|adres e mail|private email|work email",
    "phone": "phone|telephone|tel|mobile|mobile phone|cell|cell phone|phone number|primary phone|home phone|"
    "business phone|work phone|other phone|telefon|handy|mobil|telefon mobil|mobiltelefon|telefonnummer|handynummer|"
    "mobilnummer|telefon privat|telefon geschaftlich|portable|numero de telephone|telephone portable|telefono|movil|"
    "telefono movil|cellulare|telefone|celular|telemovel|telefoon|telefoonnummer|mobiel|telefonnummer mobil|"
    "puhelin|puhelinnumero|matkapuhelin|numer telefonu|komorka|telefon komorkowy|company main phone|car phone",
    "company": "company|organization|organisation|organization name|organization 1 name|company name|firma|unternehmen|"
    "societe|entreprise|empresa|azienda|societa|bedrijf|foretag|yritys|employer",
    "job_title": "job title|organization title|organization 1 title|position|role|beruf|profession|fonction|cargo|"
    "puesto|ruolo|professione|functie|titel|tittel|stanowisko|occupation",
    "date_of_birth": "birthday|date of birth|birth date|birthdate|dob|geburtstag|geburtsdatum|date de naissance|"
    "anniversaire|fecha de nacimiento|cumpleanos|data di nascita|compleanno|data de nascimento|aniversario|"
    "geboortedatum|fodelsedag|fodelsedatum|syntymaaika|syntymapaiva|data urodzenia",
    "pronouns": "pronouns|pronomen|pronoms|pronombres|pronomi",
    "website": "website|web page|web site|url|homepage|webseite|internetseite|site web|sitio web|sito web|webbplats|"
    "verkkosivu|strona internetowa|website 1 value|personal web page",
    "address_street": "street|address|street address|address 1|address line 1|home street|business street|other street|"
    "home address|strasse|anschrift|adresse|rue|direccion|calle|indirizzo|via|endereco|rua|morada|straat|adres|"
    "gata|gatuadress|adress|katuosoite|osoite|ulica|address 1 street|strasse und hausnummer",
    "address_city": "city|town|suburb|home city|business city|other city|stadt|ort|wohnort|ville|ciudad|citta|cidade|"
    "localidade|plaats|woonplaats|stad|kaupunki|miasto|address 1 city",
    "address_state": "state|region|province|county|home state|business state|other state|bundesland|kanton|provincia|"
    "estado|provincie|lan|maakunta|wojewodztwo|address 1 region",
    "address_postal_code": "zip|zip code|postal code|postcode|post code|home postal code|business postal code|"
    "other postal code|plz|postleitzahl|code postal|codigo postal|cap|cep|postnummer|postinumero|kod pocztowy|"
    "address 1 postal code",
    "address_country": "country|home country|business country|other country|home country region|"
    "business country region|other country region|land|pays|pais|paese|maa|kraj|address 1 country",
    "tags": "tags|tag|labels|categories|category|group membership|groups|schlagworte|schlagworter|kategorien|"
    "kategorie|gruppen|etiquettes|categories|etiquetas|categorias|etichette|categorie|taggar|kategorier|tunnisteet|"
    "etykiety|kategoria",
    "notes": "notes|note|comments|comment|remarks|notizen|notiz|bemerkung|bemerkungen|anmerkung|anmerkungen|kommentar|"
    "kommentare|remarques|commentaires|notas|observaciones|observacoes|comentarios|appunti|commenti|opmerkingen|"
    "notities|anteckningar|muistiinpanot|huomautukset|notatki|uwagi|memo",
    "client_since": "client since|customer since|kunde seit|client depuis|cliente desde|cliente dal|klant sinds|"
    "kund sedan|asiakas alkaen",
    "referral_source": "referral source|referred by|referral|source|empfohlen von|herkunft|recommande par|"
    "recomendado por",
}
_BY_WORD = {word: target for target, words in _WORDS.items() for word in words.split("|")}
_NUMBERED = (
    (re.compile(r"e mail \d+ (value|address)"), "email"),
    (re.compile(r"e mail (value|\d+)|email \d+( value| address)?"), "email"),
    (re.compile(r"(home|business|other|mobile|cell|primary|work) phone \d*|phone \d+( value)?"), "phone"),
    (re.compile(r"website \d+( value)?"), "website"),
)
_MAIL = re.compile(r"[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+$")
_INTERNATIONAL = re.compile(r"(\+|00)[\d ()/.\-]{7,20}$")


@dataclass(frozen=True, slots=True)
class Mapping:
    """A target for each column, "" for what is left out; whether 3/5/1971 is in May."""

    targets: tuple[str, ...]
    day_first: bool = True

    def columns(self, target: str) -> list[int]:
        return [number for number, one in enumerate(self.targets) if one == target]

    @property
    def usable(self) -> bool:
        """A person needs a name, an address or a number."""
        return any(self.columns(one) for one in ("first_name", "last_name", "full_name", "email", "phone"))


def guess(sheet: Sheet, *, days_first: bool = True) -> Mapping:
    """What the columns mean, by their headings, and by their first values where the heading says nothing."""
    folded = [_folded(header) for header in sheet.headers]
    targets: list[str] = []
    for number, header in enumerate(folded):
        target = _by_heading(header) or _by_values([row.cells[number] for row in sheet.first])
        if target in targets and target not in _MANY and _used(sheet, targets.index(target)):
            target = ""  # the first one that has anything in it
        elif target in targets and target not in _MANY:
            targets[targets.index(target)] = ""
        targets.append(target)
    if "first_name" in targets or "last_name" in targets:  # Google and Outlook give the whole name as well
        targets = ["" if target == "full_name" else target for target in targets]
    if not sheet.has_header and not {"first_name", "last_name", "full_name"} & set(targets):
        _name_column(sheet, targets)
    days = [row.cells[n] for n, target in enumerate(targets) if target == "date_of_birth" for row in sheet.first]
    return Mapping(tuple(targets), day_first([day for day in days if day], usual=days_first))


def _by_heading(header: str) -> str:
    if header in _BY_WORD:
        return _BY_WORD[header]
    return next((target for pattern, target in _NUMBERED if pattern.fullmatch(header)), "")


def _by_values(values: Sequence[str]) -> str:
    filled = [value for value in values if value]
    for pattern, target in ((_MAIL, "email"), (_INTERNATIONAL, "phone")):
        if filled and sum(bool(pattern.match(value)) for value in filled) >= 0.8 * len(filled):
            return target
    return ""


def _used(sheet: Sheet, column: int) -> bool:
    return any(row.cells[column] for row in sheet.first)


def _name_column(sheet: Sheet, targets: list[str]) -> None:
    """In a file without headings, words without digits are the name: the first such column."""
    for number, target in enumerate(targets):
        values = [row.cells[number] for row in sheet.first if row.cells[number]]
        if not target and values and not any(sign.isdigit() for value in values for sign in value):
            targets[number] = "full_name"
            return


def _folded(header: str) -> str:
    """“E-Mail 1 – Value” is “e mail 1 value”: no accents, case or punctuation."""
    plain = unicodedata.normalize("NFKD", header.casefold())
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign)).replace("ł", "l").replace("ø", "o")
    return " ".join(re.findall(r"[^\W_]+", kept))
