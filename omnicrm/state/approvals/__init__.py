"""The approvals page: the queue with its open card, and the sheets over it."""

from omnicrm.state.approvals.queue import ApprovalsState
from omnicrm.state.approvals.sheets import SheetsState

__all__ = ["ApprovalsState", "SheetsState"]
