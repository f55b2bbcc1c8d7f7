"""Files on web servers, asked for again where one does not answer for now."""

from __future__ import annotations

import tenacity

from imagemood.errors import UnavailableError
from imagemood.pictures import sources

N_TRIES = 5
"""How often a file is asked for at most."""
DELAY_S = 1.0
"""The first pause at most; each further one may be twice as long. Chance decides how long within that, so that
many who were refused together do not come back together."""
_MAX_DELAY_S = 20.0


def read(address: str) -> bytes:
    """Read a file on a web server.

    Parameters
    ----------
    address : str
        Where it is, an ``http://`` or ``https://`` address.

    Returns
    -------
    bytes
        Its content.

    Raises
    ------
    UnavailableError
        If the server does not answer for now, as often as it is asked.
    RemoteError
        If it refuses; it is then asked once.
    InputError
        If the file is larger than what is read of an address.
    """
    asking = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(UnavailableError),
        stop=tenacity.stop_after_attempt(N_TRIES),
        wait=tenacity.wait_random_exponential(multiplier=DELAY_S, max=_MAX_DELAY_S),
        reraise=True,
    )
    return asking(sources.Source(address).read)
