"""What narrows the list of clients: as its form sends it, in words, and as the rules of a smart group."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from omnicrm.core.errors import Invalid
from omnicrm.domain.contacts import Owing, Sessions, Sort
from omnicrm.domain.contacts.rules import Part, Rule, Subject, Test
from omnicrm.domain.words import CONSENTS
from omnicrm.state import inputs

WORDS = {
    "lead": "Leads",
    "active": "Clients",
    "paused": "Paused",
    "former": "Former",
    "coming": "A session is booked",
    "unbooked": "None booked",
    "away": "Away for 60 days",
    "never": "Never had a session",
    "owes": "Owes money",
    "low": "Low on credits",
    "yes": "Archived",
    "w30": "Seen within 30 days",
    "w90": "Seen within 90 days",
    "o30": "Away for over 30 days",
    "o90": "Away for over 90 days",
    "o180": "Away for over 180 days",
    **{f"+{kind}": f"Consent: {words}" for kind, words in CONSENTS.items()},
    **{f"-{kind}": f"No consent: {words}" for kind, words in CONSENTS.items()},
}
Narrowing = Literal["stage", "tag", "group", "sessions", "last", "owing", "consent", "program", "archived"]


class Filter(BaseModel):
    """As the sheet's form sends it; every field a word, empty for no matter."""

    model_config = ConfigDict(extra="ignore")

    stage: Literal["", "lead", "active", "paused", "former"] = ""
    tag: str = Field(default="", max_length=60)
    group: str = ""
    sessions: Sessions = ""
    last: Literal["", "w30", "w90", "o30", "o90", "o180"] = ""
    owing: Owing = ""
    consent: str = Field(default="", pattern=r"^([+-](data_processing|marketing|health_data|ai_processing|photo))?$")
    program: str = Field(default="", max_length=40)
    archived: Literal["", "yes"] = ""
    sort: Sort = "name"

    def chosen(self) -> dict[str, str]:
        return {name: value for name, value in self.model_dump(exclude={"sort"}).items() if value}

    def tests(self) -> list[Test]:
        """What is said of last sessions, consent and programs."""
        found = []
        if self.last:
            verb = "newer" if self.last[0] == "w" else "older"
            found.append(Test(subject="last_session", verb=verb, value=self.last[1:]))
        if self.consent:
            verb = "given" if self.consent[0] == "+" else "not_given"
            found.append(Test(subject="consent", verb=verb, value=self.consent[1:]))
        if self.program:
            found.append(Test(subject="program", verb="enrolled", value=str(inputs.key(self.program))))
        return found

    def rule(self, group: Rule | None = None) -> Rule:
        """All of it as the rule of a smart group; `group` is that of the chosen group, where it has one.

        Raises Invalid where nothing is chosen, and for the archived, who are in no group.
        """
        if self.archived:
            raise Invalid("The archived are in no group. Take that filter away first.")
        parts: list[Part] = list(group.all) if group is not None else []
        if self.group and group is None:
            parts.append(Test(subject="group", verb="in", value=self.group))
        if self.stage:
            parts.append(Test(subject="stage", verb="is", value=self.stage))
        if self.tag:
            parts.append(Test(subject="tag", verb="has", value=self.tag))
        parts += [Test(subject=subject, verb=verb, value=value) for subject, verb, value in _AS_RULES[self.sessions]]
        parts += [Test(subject=subject, verb=verb, value=value) for subject, verb, value in _AS_RULES[self.owing]]
        parts += self.tests()
        if not parts:
            raise Invalid("Choose a filter first: a group of everybody needs no rules.")
        return Rule(all=tuple(parts), left_out=group.left_out if group is not None else ())


_AS_RULES: dict[str, list[tuple[Subject, str, str]]] = {
    "": [],
    "coming": [("next_session", "booked", "")],
    "unbooked": [("next_session", "none", "")],
    "away": [("last_session", "older", "60"), ("next_session", "none", "")],
    "never": [("last_session", "never", ""), ("next_session", "none", "")],
    "owes": [("balance", "owes", "0")],
    "low": [("credits", "at_most", "2")],
}


class FilterForm(Filter):
    """With a tick for each column."""

    col_tags: str = ""
    col_last: str = ""
    col_next: str = ""
    col_credits: str = ""
    col_balance: str = ""


class Active(BaseModel):
    """A filter that is on, in words."""

    field: str
    words: str
