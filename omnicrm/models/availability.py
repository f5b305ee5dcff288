"""When sessions can be: weekly hours and time off, in the practitioner's zone."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import CheckConstraint, Index, Time
from sqlmodel import Field

from omnicrm.models.base import Editable, instant


class Availability(Editable, table=True):
    """Working hours on one weekday (0 = Monday), as wall-clock times."""

    __tablename__ = "availability"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("ends_at > starts_at", name="hours"),
        Index("ix_availability_weekday", "user_id", "weekday"),
    )

    weekday: int
    starts_at: time = Field(sa_type=Time)
    ends_at: time = Field(sa_type=Time)
    location: str | None = None


class TimeOff(Editable, table=True):
    """A stretch without sessions."""

    __tablename__ = "time_off"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="stretch"),
        Index("ix_time_off_when", "user_id", "ends_at"),
    )

    starts_at: datetime = instant()
    ends_at: datetime = instant()
    reason: str | None = None
