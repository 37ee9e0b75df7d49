"""Import litellm late, offline and silent: it takes seconds, calls out for its price list and prints advice."""

from __future__ import annotations

import logging
import os
from functools import cache
from typing import Any


@cache
def litellm() -> Any:
    """Return the litellm module, imported at the first call."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["LITELLM_MODE"] = "PRODUCTION"  # else it takes addresses and keys from a .env file of any folder above
    import litellm as module

    module.telemetry = False
    module.suppress_debug_info = True
    module.disable_hf_tokenizer_download = True
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "httpx"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return module
