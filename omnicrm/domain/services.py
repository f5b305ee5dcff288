"""What can be booked."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import func, select
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, NotFound
from omnicrm.core.money import Money
from omnicrm.core.show import minutes
from omnicrm.domain import practice
from omnicrm.models.services import Service

Color = Literal["jade", "sky", "amber", "tomato"]
Hours = Annotated[int, Field(ge=1, le=24 * 31)]


class ServiceForm(BaseModel):
    """Length in minutes; price and fee in the practitioner's currency, tax in per cent; `location` is where it usually
    is. A client who cancels less than `cancellation_window_hours` before is late, and may owe `late_cancel_fee`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)] | None = None
    duration_minutes: int | None = Field(default=60, ge=5, le=24 * 60)
    price: Decimal | None = Field(default=None, ge=0, max_digits=14, decimal_places=3)
    tax_rate: Decimal | None = Field(default=None, ge=0, le=100, max_digits=6, decimal_places=3)
    capacity: int = Field(default=1, ge=1, le=1000)
    color: Color | None = None
    location: str | None = None
    buffer_before_minutes: int = Field(default=0, ge=0, le=240)
    buffer_after_minutes: int = Field(default=0, ge=0, le=240)
    cancellation_window_hours: int | None = Field(default=None, ge=0, le=24 * 31)
    late_cancel_fee: Decimal | None = Field(default=None, ge=0, max_digits=14, decimal_places=3)
    reminder_hours: Annotated[tuple[Hours, ...], Field(max_length=3)] = (24,)


class ServiceRow(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    duration_minutes: int
    length: str
    price: str
    capacity: int
    location: str
    color: str
    active: bool
    detail: str = ""  # `Treatment room, one-to-one`
    policy: str = ""  # `24 h before`: until when a client may cancel


class ServiceCard(BaseModel):
    """One service as its form shows it: numbers as one would type them, empty where nothing is set."""

    model_config = ConfigDict(frozen=True)

    id: str = ""
    version: int = 0
    name: str = ""
    description: str = ""
    duration_minutes: str = "60"
    price: str = ""
    tax_rate: str = ""
    capacity: str = "1"
    color: str = "jade"
    location: str = ""
    buffer_before_minutes: str = "0"
    buffer_after_minutes: str = "0"
    cancellation_window_hours: str = ""
    late_cancel_fee: str = ""
    reminder_hours: str = "24"
    active: bool = True


def listed(db: Db, *, with_inactive: bool = False) -> list[ServiceRow]:
    viewer = practice.of(db).viewer()
    return [
        ServiceRow(
            id=str(service.id),
            name=service.name,
            duration_minutes=service.duration_minutes or 0,
            length=minutes(service.duration_minutes),
            price=viewer.money(Money(service.price, service.currency)) if service.price is not None else "",
            capacity=service.capacity,
            location=service.location or "",
            color=service.color or "",
            active=service.is_active,
            detail=", ".join(
                part
                for part in (
                    service.location,
                    f"group of {service.capacity}" if service.capacity > 1 else "one-to-one",
                )
                if part
            ),
            policy=f"{hours} h before" if (hours := service.cancellation_window_hours) else "any time",
        )
        for service in offered(db, with_inactive=with_inactive)
    ]


def offered(db: Db, *, with_inactive: bool = False) -> list[Service]:
    """By name."""
    query = select(Service).order_by(col(Service.name), col(Service.id))
    return list(db.scalars(query if with_inactive else query.where(col(Service.is_active))))


def get(db: Db, service_id: UUID) -> Service:
    """Raises NotFound."""
    service = db.get(Service, service_id)
    if service is None:
        raise NotFound("This service no longer exists.")
    return service


def card(db: Db, service_id: UUID) -> ServiceCard:
    """Raises NotFound."""
    service = get(db, service_id)
    typed = {name: _typed(getattr(service, name)) for name in ServiceCard.model_fields if name not in _APART}
    return ServiceCard(
        id=str(service.id),
        version=service.version,
        reminder_hours=", ".join(str(hours) for hours in service.reminder_hours),
        active=service.is_active,
        **typed,
    )


def named(db: Db, name: str) -> Service | None:
    """The active service of that name, whatever its case; None where there is none, or more than one."""
    query = select(Service).where(func.lower(Service.name) == name.strip().lower(), col(Service.is_active))
    found = db.scalars(query.limit(2)).all()
    return found[0] if len(found) == 1 else None


def add(db: Db, form: ServiceForm) -> Service:
    service = Service(name=form.name)
    _fill(db, service, form)
    db.add(service)
    db.flush()
    return service


def change(db: Db, service_id: UUID, form: ServiceForm, *, version: int | None = None) -> Service:
    """Raises NotFound, and Conflict where it was changed meanwhile. Booked sessions keep what they were booked with."""
    service = db.get(Service, service_id, with_for_update=True, populate_existing=True)
    if service is None:
        raise NotFound("This service no longer exists.")
    if version is not None and service.version != version:
        raise Conflict("Someone changed this service meanwhile. See both versions.", override="version")
    _fill(db, service, form)
    db.flush()
    return service


def retire(db: Db, service_id: UUID, *, active: bool = False) -> Service:
    """Take a service off the list (or put it back); its past sessions stay."""
    service = get(db, service_id)
    service.is_active = active
    db.flush()
    return service


_APART = {"id", "version", "reminder_hours", "active"}


def _fill(db: Db, service: Service, form: ServiceForm) -> None:
    for field, value in form.model_dump(exclude={"price", "late_cancel_fee", "reminder_hours"}).items():
        setattr(service, field, value)
    service.price = _rounded(db, form.price, "price")
    service.late_cancel_fee = _rounded(db, form.late_cancel_fee, "late_cancel_fee")
    service.reminder_hours = sorted(set(form.reminder_hours), reverse=True)


def _rounded(db: Db, amount: Decimal | None, field: str) -> Decimal | None:
    if amount is None:
        return None
    money = Money(amount, practice.of(db).currency).rounded()
    if money.amount != amount:
        raise Invalid(fields={field: f"{money.currency} has no smaller parts than that."})
    return money.amount


def _typed(value: object) -> str:
    """As one types it: `98`, `98.50`, nothing for what is not set."""
    if isinstance(value, Decimal):
        digits = f"{value.normalize():f}"
        return f"{value:.2f}" if len(digits.partition(".")[2]) == 1 else digits
    return "" if value is None else str(value)
