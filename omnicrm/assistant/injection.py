"""Commands to machines inside a message: found and left out, so that they fill nothing and say nothing."""

from __future__ import annotations

import re

_MACHINE = (
    r"(?:a\.?i\.?(?:\s+(?:assistants?|agents?|systems?|models?|readers?|tools?))?|(?:virtual|digital|crm|email|e-mail|mail|automated|booking|personal)\s+(?:assistants?|agents?|systems?|readers?|bots?|software|tools?)|"
    r"assistants?|chat\s?gpt|gpt|llms?|language\s+models?|bots?|chatbots?|copilot|claude|gemini|robots?|machines?|automation|crm|algorithm|parser|agents?|system)"
)
_MARK = re.compile(
    rf"(?:^|[\s\[(<{{#*\"'“])(?:system|assistant|developer|admin(?:istrator)?|root|prompt|command|directive)\s*(?:note|prompt|message|override|instructions?|notice)?\s*(?:(?:to|for)\s+(?:the\s+|any\s+|all\s+|your\s+)?{_MACHINE}[^:\n]{{0,40}})?\s*(?::|\#{{2,}}|\]|>|=)"
    rf"|(?:^|[\s\[(<{{#*\"'“])(?:instructions?|note|notice|message|attention|memo)\s*,?\s+(?:(?:to|for)\s+)?(?:the\s+|any\s+|all\s+|your\s+)?{_MACHINE}[^:\n]{{0,40}}\s*(?::|\#{{2,}}|\]|>|=)"
    rf"|\b(?:ignore|disregard|forget|override|bypass)\s+(?:all\s+|any\s+|your\s+|the\s+|my\s+)*(?:previous|prior|above|earlier|other|existing|your|system|safety)?\s*(?:instructions?|rules?|prompts?|guidelines?|polic(?:y|ies)|safeguards?|restrictions?|settings)\b"
    rf"|\b(?:instructions?|commands?|note|message|notice|attention|dear|hey|hello|hi)\s*,?\s+(?:to|for)?\s*(?:the\s+|any\s+|all\s+|your\s+|whatever\s+)*(?:a\.?i\.?\b|{_MACHINE}\s+(?:reading|processing|handling|that\s+reads|which\s+reads|who\s+reads))"
    rf"|(?:^|[.!?\n]\s*)(?:dear|hey|hello|hi|ok|okay)\s+(?:ai|{_MACHINE})\s*[,:!.-]"
    rf"|\b(?:to|for)\s+(?:the|whatever|whichever|any|every|all)\s+(?:a\.?i\.?|{_MACHINE})s?\s+(?:reads?|reading|process\w*|handl\w*|that|which|who|in\s+charge)\b"
    r"|[\"']role[\"']\s*:\s*[\"'](?:system|assistant|developer|tool|user)[\"']"
    r"|\b(?:you\s+are|act\s+as|you're|pretend\s+to\s+be)\s+(?:now\s+)?(?:the|an?|my|in)?\s*(?:helpful\s+)?(?:crm|ai\b|assistant|system|bot|admin(?:istrator)?|language model|developer mode|booking (?:system|assistant|software)|scheduling (?:assistant|system))"
    r"|\b(?:ai|automated|virtual|crm|digital)\s+(?:assistants?|agents?|readers?|systems?|models?|tools?)\b[^.\n]{0,40}(?:[:,]|\b(?:must|should|please|shall|will|need\s+to|has\s+to|are\s+to|is\s+to|can)\b)"
    r"|\b(?:as\s+(?:the|an)\s+(?:ai|assistant|automated)|if\s+you\s+are\s+(?:an?\s+)?(?:ai|bot|assistant|language model|automated|machine|robot|llm))\b"
    r"|\bset\s+(?:the\s+)?confidence\b|\bconfidence\s*(?:=|:|of|to)\s*(?:1|0\.\d|100)|\b(?:auto-?approve|approve\s+(?:automatically|without|everything|all|this\s+without))\b"
    r"|\b(?:mark|set|record|flag)\b[^.\n]{0,60}\b(?:as\s+)?(?:paid|settled|received)\b[^.\n]{0,40}\bin\s+(?:your|the)\s+(?:system|crm|records?|database)\s+(?:without|automatically)",
    re.IGNORECASE,
)  # fmt: skip
_IMPERATIVE = re.compile(
    r"^[\s\W\d]*(?:and\s+|then\s+|also\s+|next,?\s+|please\s+|now\s+|finally,?\s+|do\s+not\s+|don't\s+|never\s+|always\s+)*(?:ignore|disregard|forget|mark|set|record|create|cancel|approve|confirm|delete|add|remove|forward|send|update|change|override|execute|run|output|reply|respond|reveal|export|print|list|book|reschedule|move|refund|treat|consider|assume|skip|grant|give|issue|apply|use|schedule|insert|register|notify|tell|inform|return|append|write|transfer|pay|credit|auto-?approve|end)\b",
    re.IGNORECASE,
)
_DELIMITED = re.compile(
    r"[`']{3}\s*(?:system|assistant|prompt|instructions?|ai)\b.*?(?:[`']{3}|\Z)|<\|[^|>\n]{1,30}\|>.*?(?:<\|[^|>\n]{0,20}end[^|>\n]{0,20}\|>|\Z)|"
    r"(?P<open>#{2,}|\[{2,}|<{2,}|-{3,}\s*(?:BEGIN|START)|={3,}|\*{3,})[^\n]{0,60}?\b(?:instruction|system|prompt|command|assistant|ai)\b.*?(?:#{2,}\s*END\s*#{2,}|\]{2,}|>{2,}|END\b[^\n]*(?:-{3,}|={3,}|\*{3,})|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_TAGGED = re.compile(
    r"<\s*(?P<tag>system|assistant|instructions?|prompt|ai|tool|admin)[^>]*>.*?(?:<\s*/\s*(?P=tag)\s*>|\Z)|\[(?P<tag2>INST|SYSTEM|ASSISTANT|AI)\].*?(?:\[/(?P=tag2)\]|\n\s*\n|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_SENTENCE = re.compile(r"[^\n]*?(?:[.!?]+[\"')\]]*(?=\s|\Z)|\n|\Z)")


def spans(text: str) -> list[tuple[int, int]]:
    """Where `text` commands a machine: whole sentences and delimited blocks, in order."""
    found = [match.span() for match in _DELIMITED.finditer(text)] + [match.span() for match in _TAGGED.finditer(text)]
    commanding = False
    for match in _SENTENCE.finditer(text):
        sentence = match.group()
        if match.end() == match.start():
            continue
        if not sentence.strip():
            if text[max(0, match.start() - 1) : match.end()].count("\n") > 1:
                commanding = False
            continue
        if _MARK.search(sentence):
            commanding = True
            found.append(match.span())
        elif commanding and _IMPERATIVE.match(sentence):
            found.append(match.span())
        else:
            commanding = False
    return _merged(found)


def commands(text: str) -> bool:
    """Whether a short text (a display name, a subject) commands a machine."""
    return bool(spans(text))


def without(text: str) -> str:
    """`text` of the same length, with what commands machines blanked out."""
    for start, end in spans(text):
        text = text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]
    return text


def _merged(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
