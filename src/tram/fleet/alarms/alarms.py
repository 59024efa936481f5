"""The registers of rules and alarms over one database."""

from tram.fleet.alarms.console.console import AlarmConsole
from tram.fleet.alarms.notices.contacts import AlarmContacts
from tram.fleet.alarms.notices.setup import AlarmSetup
from tram.fleet.alarms.rulebook.rulebook import RuleBook
from tram.registry.kernel.database import Database
from tram.runtime.clock import Clock

__all__ = ("Alarms",)


class Alarms:
    """Every repository of the alarms."""

    def __init__(self, database: Database, clock: Clock, hmac_key: bytes) -> None:
        self.rules = RuleBook(database, clock)
        self.console = AlarmConsole(database, clock)
        self.personal = AlarmContacts(database, clock)
        self.setup = AlarmSetup(database, clock, hmac_key)
