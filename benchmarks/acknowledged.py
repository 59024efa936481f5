"""What devices were promised, and whether the store holds it.

``lost`` counts acknowledged messages whose reading is not in the store, ``doubled`` counts readings
that the store holds more than once (same device, metric, device time, revision 0).
"""

import numpy as np
import numpy.typing as npt

__all__ = ("ACKNOWLEDGED", "Acknowledged")

Acknowledged = npt.NDArray[np.void]
"""One line per acknowledged message, in the fields of ``ACKNOWLEDGED``."""

ACKNOWLEDGED = np.dtype([("device", np.int64), ("seq", np.int64), ("ts", np.int64)])
