"""Courses and packages: written down, sold, followed to their end."""

from omnicrm.domain.programs.card import PaymentLine, ProgramCard, card, payments
from omnicrm.domain.programs.editing import (
    ProgramForm,
    ProgramTyped,
    add,
    change,
    get,
    locked,
    remove,
    set_status,
    typed,
)
from omnicrm.domain.programs.enrolling import (
    Enrolled,
    change_enrollment,
    choices,
    enrol,
    fill_places,
    prolong,
    undo_enrolment,
)
from omnicrm.domain.programs.listing import ProgramPage, ProgramRow, counts, listed
from omnicrm.domain.programs.membership import Membership, enrolment, of_contact, running_low
from omnicrm.domain.programs.people import PersonRow, people
from omnicrm.domain.programs.sittings import Sitting, SittingForm, add_sittings, attach, attachable, detach, sittings

__all__ = [
    "Enrolled",
    "Membership",
    "PaymentLine",
    "PersonRow",
    "ProgramCard",
    "ProgramForm",
    "ProgramPage",
    "ProgramRow",
    "ProgramTyped",
    "Sitting",
    "SittingForm",
    "add",
    "add_sittings",
    "attach",
    "attachable",
    "card",
    "change",
    "change_enrollment",
    "choices",
    "counts",
    "detach",
    "enrol",
    "enrolment",
    "fill_places",
    "get",
    "listed",
    "locked",
    "of_contact",
    "payments",
    "people",
    "prolong",
    "remove",
    "running_low",
    "set_status",
    "sittings",
    "typed",
    "undo_enrolment",
]
