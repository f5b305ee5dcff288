"""The assistant: from one case to drafts. No database, no network."""

from omnicrm.assistant.embedded import Outcome, consider, generate

__all__ = ["Outcome", "consider", "generate"]
