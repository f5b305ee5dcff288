"""A rule as lines of a form: what each shows and offers, and back to the rule that the domain knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from omnicrm.domain.contacts.rules import SUBJECTS, Either, Rule, Test
from omnicrm.domain.contacts.smart import Option
from omnicrm.domain.words import CONSENTS, STAGES
from omnicrm.state import inputs

Choices = dict[str, list[Option]]

_FIRST = {"days": "60", "count": "1", "amount": "0", "stage": "active", "consent": "marketing"}
_STATIC: Choices = {
    "stage": [Option(value=value, words=words) for value, words in STAGES.items()],
    "consent": [Option(value=value, words=words) for value, words in CONSENTS.items()],
}
_UNITS = {"days": "days", "field": "", "amount": ""}


@dataclass(frozen=True)
class Written:
    """One comparison. `block` 0 stands beneath all; those of one other number are an "either of"."""

    subject: str
    verb: str
    value: str
    block: int

    def put(self, what: str, value: str, choices: Choices) -> Written:
        """With another subject, verb or value; what no longer fits is begun anew."""
        if what == "value":
            return Written(self.subject, self.verb, value, self.block)
        if what == "subject" and value in SUBJECTS:
            return Written(value, next(iter(SUBJECTS[value].verbs)), "", self.block)._begun(choices)
        if what == "verb" and value in SUBJECTS[self.subject].verbs:
            return Written(self.subject, value, self.value, self.block)._begun(choices, before=self.kind)
        return self

    @property
    def kind(self) -> str:
        return SUBJECTS[self.subject].verbs[self.verb][1]

    def _begun(self, choices: Choices, before: str = "") -> Written:
        if self.kind == before:
            return self
        offered = {**_STATIC, **choices}.get(self.kind, [])
        value = _FIRST.get(self.kind) or (offered[0].value if offered else "")
        return Written(self.subject, self.verb, value, self.block)


class RuleRow(BaseModel):
    """One line of the form; `opens` and `ends` say where an "either of" does. `control`: choice, number, text, none."""

    model_config = ConfigDict(frozen=True)

    n: int
    block: int
    lead: str
    opens: bool
    ends: bool
    subject: str
    verb: str
    value: str
    control: str
    unit: str
    verbs: list[Option]
    options: list[Option]
    error: str


def written(of: Rule | Iterable[RuleRow]) -> list[Written]:
    """The lines of a rule, or of a form."""
    if not isinstance(of, Rule):
        return [Written(row.subject, row.verb, row.value, row.block) for row in of]
    lines, block = [], 0
    for part in of.all:
        if isinstance(part, Either):
            block += 1
            lines += [Written(test.subject, test.verb, test.value, block) for test in part.any]
        else:
            lines.append(Written(part.subject, part.verb, part.value, 0))
    return lines


def shown(lines: list[Written], choices: Choices) -> list[RuleRow]:
    """The lines as they are shown, each with what it offers and what is wrong with it."""
    rows = []
    for n, line in enumerate(lines):
        opens = line.block > 0 and (n == 0 or lines[n - 1].block != line.block)
        ends = line.block > 0 and (n + 1 == len(lines) or lines[n + 1].block != line.block)
        inner = line.block > 0 and not opens
        options = {**_STATIC, **choices}.get(line.kind, [])
        rows.append(
            RuleRow(
                n=n,
                block=line.block,
                lead="or" if inner else "All" if n == 0 else "and",
                opens=opens,
                ends=ends,
                subject=line.subject,
                verb=line.verb,
                value=line.value,
                control=_control(line.kind),
                unit=_UNITS.get(line.kind, ""),
                verbs=[Option(value=verb, words=words) for verb, (words, _) in SUBJECTS[line.subject].verbs.items()],
                options=options,
                error=_wrong(line),
            )
        )
    return rows


def built(rows: Iterable[RuleRow], left_out: tuple[UUID, ...]) -> Rule:
    """The rule of a form. Raises ValidationError where a line is not complete."""
    parts: list[Test | Either] = []
    for block, lines in groupby(written(rows), key=lambda line: line.block):
        tests = tuple(
            Test.model_validate({"subject": line.subject, "verb": line.verb, "value": line.value}) for line in lines
        )
        parts += [Either(any=tests)] if block else tests
    return Rule(all=tuple(parts), left_out=left_out)


def _control(kind: str) -> str:
    if kind in ("stage", "consent", "group", "program"):
        return "choice"
    return {"days": "number", "count": "number", "amount": "number", "none": "none"}.get(kind, "text")


def _wrong(line: Written) -> str:
    try:
        Test.model_validate({"subject": line.subject, "verb": line.verb, "value": line.value})
    except ValidationError as error:
        return next(iter(getattr(inputs.in_words(error), "fields", {}).values()), "This cannot be read.")
    return ""
