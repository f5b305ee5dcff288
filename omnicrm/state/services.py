"""Services and prices: the list, and one of them open in its place."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.domain import practice, services
from omnicrm.domain.services import ServiceCard, ServiceForm, ServiceRow
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in


def _blank(value: Any) -> Any:
    """Nothing typed is nothing set; a comma is a point."""
    if isinstance(value, str):
        return value.strip().replace(",", ".") or None
    return value


Whole = Annotated[int | None, BeforeValidator(_blank)]
Amount = Annotated[Decimal | None, BeforeValidator(_blank)]


class ServiceTyped(BaseModel):
    """As typed: numbers are text, empty where nothing is set."""

    model_config = ConfigDict(extra="ignore")

    name: Annotated[str, Field(max_length=200)]
    description: Annotated[str, Field(max_length=5000)] = ""
    duration_minutes: Whole = None
    price: Amount = None
    tax_rate: Amount = None
    capacity: Whole = None
    color: Literal["jade", "sky", "amber", "tomato"] = "jade"
    location: Annotated[str, Field(max_length=200)] = ""
    buffer_before_minutes: Whole = None
    buffer_after_minutes: Whole = None
    cancellation_window_hours: Whole = None

    def form(self) -> ServiceForm:
        """Raises ValidationError in the fields' names: the guard says it beside them."""
        return ServiceForm(
            name=self.name,
            description=self.description or None,
            duration_minutes=self.duration_minutes,
            price=self.price,
            tax_rate=self.tax_rate,
            capacity=self.capacity or 1,
            color=self.color,
            location=self.location or None,
            buffer_before_minutes=self.buffer_before_minutes or 0,
            buffer_after_minutes=self.buffer_after_minutes or 0,
            cancellation_window_hours=self.cancellation_window_hours,
        )


class ServicesState(PageState):
    rows: list[ServiceRow] = []
    archived: list[ServiceRow] = []
    opened: str = ""  # a service's id, or "new"
    card: ServiceCard = ServiceCard()
    currency: str = ""

    @signed_in
    def load(self, db: Db):
        self.opened, self.field_errors = "", {}
        self._read(db)

    @signed_in
    def add(self):
        self.opened, self.card, self.field_errors = "new", ServiceCard(), {}

    @signed_in
    def open(self, db: Db, service: UUID):
        """Opens it in its place; the open one closes."""
        self.field_errors = {}
        if self.opened == str(service):
            self.opened = ""
            return
        self.card, self.opened = services.card(db, service), str(service)

    @signed_in
    def close(self):
        self.opened, self.field_errors = "", {}

    @signed_in(busy=True)
    def save(self, db: Db, form: ServiceTyped):
        """A new service, or the open one as it is now. Raises Conflict where it was changed meanwhile."""
        typed = inputs.checked(form.form)
        if self.opened == "new":
            service = services.add(db, typed)
            self.say(f"{service.name} can be booked now.", undo=ServicesState.archive(str(service.id)))
        elif self.opened:
            service = services.change(db, inputs.key(self.opened), typed, version=self.card.version)
            self.say(f"{service.name} is saved. What is booked stays as it was booked.")
        else:
            raise Invalid("Choose a service first.")
        self.opened = ""
        self._read(db)

    @signed_in
    def archive(self, db: Db, service: UUID):
        """Off the list; what is booked stays."""
        name = services.retire(db, service).name
        self.opened = ""
        self._read(db)
        self.say(f"{name} is archived. What is booked stays.", undo=ServicesState.restore(str(service)))

    @signed_in
    def restore(self, db: Db, service: UUID):
        name = services.retire(db, service, active=True).name
        self._read(db)
        self.say(f"{name} can be booked again.")

    def _read(self, db: Db) -> None:
        found = services.listed(db, with_inactive=True)
        self.rows = [row for row in found if row.active]
        self.archived = [row for row in found if not row.active]
        self.currency = practice.of(db).currency
