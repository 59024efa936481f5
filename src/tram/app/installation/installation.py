"""One opened installation: its folder, secrets and settings, and where its parts are."""

from dataclasses import dataclass
from pathlib import Path

from tram.app.installation.data_folder import DataFolder, open_folder, read_format
from tram.app.installation.keys import Keys
from tram.app.installation.nats_server import server_url
from tram.app.installation.province_folder import chosen_folder, kept_folder, read_province
from tram.app.installation.settings import Settings, load_settings
from tram.domain.province import Province
from tram.fleet.log.nats_connection import NatsAccess
from tram.runtime.clock import Clock, SystemClock
from tram.runtime.errors import Refused, Unavailable

__all__ = ("Installation", "open_installation")


@dataclass(frozen=True, slots=True)
class Installation:
    """A data folder with its secrets and settings; ``ports`` are those of the running product."""

    folder: DataFolder
    keys: Keys
    settings: Settings
    clock: Clock
    ports: dict[str, int]

    def log_access(self, role: str) -> NatsAccess:
        """Return how a role signs in to the log."""
        url = self.settings.log.url or server_url(self.port("nats"))
        return NatsAccess(url, self.keys.seeds[role])

    @property
    def registry_url(self) -> str:
        """Address of the registry's database."""
        return self.settings.registry.url or f"sqlite+aiosqlite:///{self.folder.registry_file}"

    @property
    def province(self) -> Province:
        """The province that this installation is of.

        Raises:
            Refused: naming every fault of its folder.
        """
        return read_province(kept_folder(self.folder.province))

    def port(self, name: str) -> int:
        """Return a port of the running product.

        Raises:
            Unavailable: if it does not run.
        """
        if name not in self.ports:
            raise Unavailable(
                "product.stopped",
                f"Trạm does not run on {self.folder.root}.",
                "Start it with 'tram up'.",
            )
        return self.ports[name]


def open_installation(data: Path, *, make: bool = True) -> Installation:
    """Open the data folder, its settings and its secrets; ``make`` it where nothing is yet.

    Raises:
        Refused: naming every wrong setting, or what is wrong with the folder.
    """
    root = data.expanduser().absolute()
    is_new = read_format(root) is None
    if is_new and not make:
        raise Refused(
            "data.missing",
            f"The folder {data} holds no Trạm.",
            "Give the data folder with --data, or make one with 'tram up'.",
        )
    settings = load_settings(DataFolder(root).settings_file)
    folder = open_folder(root, chosen_folder(settings.registry.province) if is_new else None)
    ports: dict[str, int] = folder.running.read()["ports"] if folder.running.is_held() else {}
    return Installation(folder, folder.read_keys(), settings, SystemClock(), ports)
