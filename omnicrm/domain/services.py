"""What can be booked."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
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


class ServiceForm(BaseModel):
    """Length in minutes; price in the practitioner's currency; `location` is where it usually is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)] | None = None
    duration_minutes: int | None = Field(default=60, ge=5, le=24 * 60)
    price: Decimal | None = Field(default=None, ge=0, max_digits=14, decimal_places=3)
    capacity: int = Field(default=1, ge=1, le=1000)
    color: str | None = None
    location: str | None = None
    buffer_before_minutes: int = Field(default=0, ge=0, le=240)
    buffer_after_minutes: int = Field(default=0, ge=0, le=240)
    cancellation_window_hours: int | None = Field(default=None, ge=0, le=24 * 31)


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


def named(db: Db, name: str) -> Service | None:
    """The active service of that name, whatever its case; None where there is none, or more than one."""
    query = select(Service).where(func.lower(Service.name) == name.strip().lower(), col(Service.is_active))
    found = db.scalars(query.limit(2)).all()
    return found[0] if len(found) == 1 else None


def add(db: Db, form: ServiceForm) -> Service:
    service = Service(**form.model_dump(exclude={"price"}), price=_rounded(db, form.price))
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
    for field, value in form.model_dump(exclude={"price"}).items():
        setattr(service, field, value)
    service.price = _rounded(db, form.price)
    db.flush()
    return service


def retire(db: Db, service_id: UUID, *, active: bool = False) -> Service:
    """Take a service off the list (or put it back); its past sessions stay."""
    service = get(db, service_id)
    service.is_active = active
    db.flush()
    return service


def _rounded(db: Db, price: Decimal | None) -> Decimal | None:
    if price is None:
        return None
    money = Money(price, practice.of(db).currency).rounded()
    if money.amount != price:
        raise Invalid(fields={"price": f"{money.currency} has no smaller parts than that."})
    return money.amount
