"""The HTTP service, with a web page, a JSON API, the Acumos methods and the Open Inference Protocol."""

from __future__ import annotations

from imagemood import _extras

_extras.require("serve")  # before the modules of this package are imported
