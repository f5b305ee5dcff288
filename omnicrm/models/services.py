"""What is offered, and for how much."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import CheckConstraint, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, INTEGER
from sqlmodel import Field

from omnicrm.models.base import Editable, amount, currency, flag, number


class Service(Editable, table=True):
    """One thing a client can book. Lengths in minutes; no price: by agreement."""

    __tablename__ = "services"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        CheckConstraint("btrim(name) <> ''", name="name"),
        CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name="duration_minutes"),
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint("capacity >= 1", name="capacity"),
        CheckConstraint("buffer_before_minutes >= 0 AND buffer_after_minutes >= 0", name="buffers"),
    )

    name: str
    description: str | None = None
    duration_minutes: int | None = None
    price: Decimal | None = amount(null=True)
    currency: str = currency()
    tax_rate: Decimal | None = Field(default=None, sa_type=Numeric(6, 3))  # per cent
    capacity: int = number(1)
    color: str | None = None
    buffer_before_minutes: int = number(0)
    buffer_after_minutes: int = number(0)
    cancellation_window_hours: int | None = None
    late_cancel_fee: Decimal | None = amount(null=True)
    reminder_hours: list[int] = Field(
        default_factory=lambda: [24],
        sa_type=ARRAY(INTEGER),
        nullable=False,
        sa_column_kwargs={"server_default": text("'{24}'::integer[]")},
    )
    location: str | None = None
    billing_code: str | None = None  # for insurers
    is_active: bool = flag(True)
