"""OmniCRM: reads mail and calendar, prepares every record, and asks."""
