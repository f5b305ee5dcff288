"""The lines above a quote: “On … wrote:” and header blocks, in the languages that mail programs speak."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from omnicrm.formats.mail.quote_dates import read_date

# Verbs that end (or nearly end) an attribution line.
_WROTE = (
    r"wrote|writes|said|schrieb(en)?|schreibt|geschrieben|a (é|e)crit|(é|e)crit|escribi(ó|o)|va escriure"
    r"|ha scritto|scrive"
    r"|escreveu|schreef|skrev|skreiv|kirjoitti|napisa(ł|l)(a)?(\(a\))?|pisze|napsala?|nap(í|i)sala?|(ezt )?(í|i)rta"
    r"|yazd(ı|i)|a scris|je napisao/la|je napisala?|je napisao|napisao je|пишет|пише|написала?|написав|έγραψε"
    r"|kirjutas"
    r"|ra(š|s)(ė|e)|rakst(ī|i)ja|menulis|đã viết|viết|เขียนว่า|כתב/?ה?|כתבה?|كتب|写道|寫道|さんは書きました|のメール|작성"
)
_VERB_END = re.compile(rf"(^|[\s,>)\]\"'“”«»])({_WROTE})[^\n]{{0,60}}[:：]\s*$", re.IGNORECASE)
_MAILBOX_END = re.compile(r"<?[\w.+'-]{1,64}@[\w.-]{3,190}>?\s*[)\]\"»]?\s*[:：]\s*$")
_DATED = re.compile(r"\d{1,4}[./年-]\s?\d{1,2}|\d{1,2}[:.h]\d{2}|\b(19|20)\d\d\b|\b\d{1,2}\.? \w{3,}")
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")

_FROM = (
    "from|von|de|da|van|från|fra|lähettäjä|od|от|від|mittente|remetente|kimden|feladó|expéditeur|από"
    "|差出人|发件人|寄件者|보낸 사람"
)
_SENT = (
    "sent|gesendet|datum|date|envoyé|enviado|enviada|inviato|verzonden|skickat|sendt|lähetetty|wysłano|data|fecha"
    "|dato|päivämäärä"
    "|päiväys|отправлено|дата|надіслано|odesláno|odoslané|dátum|elküldve|gönderildi|tarih|trimis|poslano"
    "|ημερομηνία|送信日時|日付"
    "|发送时间|寄件日期|日期|보낸 날짜|date d'envoi|le"
)
_TO = (
    "to|an|à|a|para|naar|aan|till|til|vastaanottaja|do|кому|destinatario|destinatário|kime|címzett|către|za|pro"
    "|προς|宛先|收件人"
    "|收件者|받는 사람|cc|kopie|kopia|kopi|копия|bcc|reply-to|antwort an|attachments?|importance|resent-from"
    "|organization"
)
_SUBJECT = (
    "subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|temat|тема|předmět|predmet|tárgy|konu"
    "|subiect|naslov"
    "|θέμα|件名|主题|主旨|제목"
)
_FIELD = re.compile(
    rf"^[ \t\u200e]*[*_]{{0,2}}(?:(?P<sender>{_FROM})|(?P<sent>{_SENT})|(?P<subject>{_SUBJECT})"
    rf"|(?P<to>{_TO}))[*_]{{0,2}}"
    r"[ \t\u200e]*[:：][*_]{0,2}[ \t]*(?P<value>[^\n]*)$",
    re.IGNORECASE,
)
_ORIGINAL = (
    r"original (message|appointment)|ursprüngliche (nachricht|mail)|originalnachricht|original-nachricht"
    r"|message d'origine|message original|message d’origine|mensaje original|mensagem original|messaggio originale"
    r"|messaggio originario|oorspronkelijk bericht|origineel bericht|ursprungligt meddelande|originalmeddelande"
    r"|original(t)? (meddelande|melding)|opprinnelig melding|oprindelig meddelelse|alkuperäinen viesti"
    r"|oryginalna wiadomość|wiadomość oryginalna|původní zpráva|исходное сообщение|пересланное сообщение"
    r"|reply message|antwort nachricht|orijinal ileti|eredeti üzenet|mesaj original|原始邮件|元のメッセージ|原始郵件"
)
_FORWARDED = (
    r"forwarded (message|by|mail)|begin forwarded message|weitergeleitete nachricht"
    r"|anfang der weitergeleiteten (nachricht|e-mail)"
    r"|message transféré|message transmis|début du message (réexpédié|transféré)|mensaje reenviado"
    r"|inicio del mensaje reenviado|mensagem (encaminhada|reencaminhada)|início da mensagem (encaminhada"
    r"|reencaminhada)"
    r"|messaggio inoltrato|inizio messaggio inoltrato|doorgestuurd bericht|begin doorgestuurd bericht"
    r"|vidarebefordrat meddelande|vidarebefordrat brev|videresendt (melding|meddelelse|e-post)|välitetty viesti"
    r"|edelleenlähetetty viesti|start på vidarebefordrat|begynnelse på videresendt|start på videresendt"
    r"|przekazana wiadomość"
    r"|přeposlaná zpráva|пересылаемое сообщение|перенаправленное сообщение|iletilen mesaj|továbbított üzenet|转发邮件"
    r"|転送メッセージ"
)
_MARK = re.compile(
    rf"^[\s>]*(?:[-_=*─—]{{2,}}\s*)?(?:(?P<original>{_ORIGINAL})|(?P<forwarded>{_FORWARDED}))"
    r"(?:[^\n]{0,60})?\s*[-_=*─—:]{0,40}\s*$",
    re.IGNORECASE,
)
_DASHED = re.compile(r"^[\s>]*[-_=*─—]{2,}\s*\S.*\S\s*[-_=*─—]{2,}\s*$|[:：]\s*$")
RULE = re.compile(r"^\s*[_─—=-]{10,}\s*$")


@dataclass(frozen=True, slots=True)
class Introduction:
    """What introduces a quote. `lines` of the text belong to it."""

    lines: int
    forwarded: bool = False
    name: str = ""
    email: str = ""
    sent_at: datetime | None = None
    strong: bool = True  # False: only with quoted lines after it


def find(lines: list[str], at: int) -> Introduction | None:
    """The introduction of a quote that begins at line `at` of `lines` (quote marks already taken off), if one does."""
    line = lines[at]
    if not line.strip() or len(line) > 1000:
        return None
    return _marked(lines, at) or _header_block(lines, at) or _sentence(lines, at)


def _marked(lines: list[str], at: int) -> Introduction | None:
    line = lines[at]
    if RULE.match(line):
        after = _words_after(lines, at)
        block = _header_block(lines, after) if after < len(lines) else None
        return replace(block, lines=after - at + block.lines) if block else None
    match = _MARK.match(line) if len(line) < 200 else None
    if match is None or not _DASHED.match(line):
        return None
    forwarded = match["forwarded"] is not None
    after = _words_after(lines, at)
    block = _header_block(lines, after, least=1) if after < len(lines) else None
    if block is None:
        return Introduction(1, forwarded)
    return replace(block, lines=after - at + block.lines, forwarded=forwarded)


def _words_after(lines: list[str], at: int) -> int:
    """The next line with words, if blank lines do not go on for long."""
    after = at + 1
    while after < len(lines) and after < at + 4 and not lines[after].strip():
        after += 1
    return after


def _header_block(lines: list[str], at: int, least: int = 3) -> Introduction | None:
    """Lines such as “From: / Sent: / To: / Subject:”; long values may be wrapped, a blank line may stand between."""
    if not _FIELD.match(lines[at]):
        return None
    found: dict[str, str] = {}
    last, end = "", at
    for index in range(at, min(len(lines), at + 16)):
        line = lines[index]
        match = _FIELD.match(line) if len(line) < 1000 else None
        if match:
            last = match.lastgroup or ""
            last = next(key for key in ("sender", "sent", "subject", "to") if match[key] is not None)
            found.setdefault(last, match["value"].strip())
            end = index + 1
        elif not line.strip():
            if len(found) >= least or index + 1 >= len(lines) or not _FIELD.match(lines[index + 1]):
                break
        elif last in ("to", "sender") and ("@" in line or line.startswith((" ", "\t"))):
            found[last] = found[last] + " " + line.strip()
            end = index + 1
        else:
            break
    if len(found) < least or "sender" not in found or (least > 1 and "sent" not in found and "subject" not in found):
        return None
    name, email = _person(found["sender"])
    return Introduction(end - at, False, name, email, read_date(found.get("sent", "")))


def _sentence(lines: list[str], at: int) -> Introduction | None:
    joined = ""
    for count in range(1, 5):
        if at + count > len(lines) or not lines[at + count - 1].strip():
            return None
        joined = f"{joined} {lines[at + count - 1].strip()}".strip()
        if len(joined) > 400:
            return None
        if joined[-1] not in ":：":
            if count == 1 and not _could_begin(joined):
                return None
            continue
        plain = re.sub(r"^[-–—*\s]+", "", joined)
        dated, mailbox = _DATED.search(plain), _EMAIL.search(plain)
        verb = _VERB_END.search(plain)
        if verb and (dated or mailbox):
            behind = plain[verb.end(2) :].strip(" :：")
            said_behind = re.search(r"[^\W\d_]", behind) is not None and _DATED.search(behind) is None
            name, email = _person(behind if said_behind else _without_date(plain[: verb.start(2)]))
            return Introduction(count, False, name, email, read_date(plain))
        if dated and _MAILBOX_END.search(plain):
            name, email = _person(_without_date(plain))
            return Introduction(
                count, False, name, email, read_date(plain), strong=re.search(r"\d[:.]\d\d", plain) is not None
            )
        if verb:
            name, email = _person(plain[: verb.start(2)])
            return Introduction(count, False, name, email, None, strong=False)
        return None
    return None


_BEGINNINGS = re.compile(
    r"[-–—*\s]*(on|am|le|el|em|il|op|den|dne|w dniu|în|in|a|på|vào|pada|στις|в|у|\d|\w{2,4}[,.] ?\d|mon|tue|wed"
    r"|thu|fri|sat|sun"
    r"|\w+day\b|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|\S+ <|\"|“|ב|بتاريخ|於|在)",
    re.IGNORECASE,
)


def _could_begin(line: str) -> bool:
    """Whether a line that does not end an attribution may begin one that goes on below."""
    return _BEGINNINGS.match(line) is not None and (
        _DATED.search(line) is not None or _EMAIL.search(line) is not None or len(line) > 40
    )


_DATE_WORDS = re.compile(
    r"^(on|am|le|el|em|il|op|den|dne|w dniu|in data|på|em|at|um|à|a las|às|alle|om|kl\.?|klo|o|в|at|the)\b[ ,]*"
    r"|\b(mon|tue|wed|thu|fri|sat|sun)\w{0,6}\b\.?,?|\b(mo|di|mi|do|fr|sa|so)\.,?(?=\s)|\b(gmt|utc|cest|cet|bst"
    r"|est|edt|pst|pdt)\b",
    re.IGNORECASE,
)
_AFTER_TIME = re.compile(
    r".*(?:\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?|\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})"
    r"(?:\s*(?:[ap]\.?\s?m\.?|uhr|\(?(?:gmt|utc)?\s?[+-]\d{2}:?\d{2}\)?|\(?(?:gmt|utc|[cew]es?t|[cempn]z?[ds]t|bst|ist|sast|ae[ds]t|nz[ds]t|msk)\)?|г\.|år)(?=[\s,:;<]"
    r"|$))*[\s,:;-]*",
    re.IGNORECASE | re.DOTALL,
)


_BEFORE_PERSON = re.compile(
    rf"^\s*(?:({_WROTE})|от|пользователь|von|av|af|de|by|door|użytkownik|uživatel|heeft|hat)\b", re.IGNORECASE
)


def _without_date(line: str) -> str:
    """What is left of an attribution when the date at its beginning is taken away: the person."""
    rest = _AFTER_TIME.sub("", line, count=1)
    rest = _BEFORE_PERSON.sub("", rest)
    if not rest.strip(" ,:;"):  # the date stands behind the person
        rest = re.split(r"\s(?:am|on|le|el|op|den|em|il|dne)\s|,\s*\d|\s\d", line, maxsplit=1, flags=re.IGNORECASE)[0]
    return rest


def _person(text: str) -> tuple[str, str]:
    """Name and address in `text`; either may be empty."""
    text = re.sub(r"\[?mailto:([^\]\s>]+)\]?", r"\1", text)
    match = _EMAIL.search(text)
    email = match[0].lower().strip(".'") if match else ""
    name = text[: match.start()] if match else text
    if match and not name.strip(" <[(\"'*,:;"):
        name = text[match.end() :]
    name = re.sub(
        r"[<>\[\]()*\"“”„«»]|\b(via|im auftrag von|on behalf of|het volgende|folgendes)\b.*",
        " ",
        name,
        flags=re.IGNORECASE,
    )
    name = re.sub(r"[\s\u200e\u200f]+", " ", name).strip(" ,;:-–—'")
    if len(name) > 80 or name.lower() == email or not re.search(r"[^\W\d_]", name):
        name = ""
    return name, email
