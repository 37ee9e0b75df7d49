"""Models that no call can succeed with, found out before any sandbox is made or anything is paid for.

First what costs nothing: is there a key, does anybody answer, is the key taken, is the model in the endpoint's list?
Only where that leaves open whether the model exists it is asked for one word.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from agent.models.connect import connect
from agent.models.contract import Completion, Message, ModelError, ModelUnusable, Request
from agent.models.endpoint_check import listed
from agent.models.failures.patience import UNREACHED_SECONDS
from agent.models.failures.refusals import is_unreached
from agent.models.keys import missing_key
from swebench_runs.config import RunConfig
from swebench_runs.errors import UsageError

_log = logging.getLogger(__name__)

_PATIENCE = 20.0
"""Seconds for which the one word is tried to be had: what is only busy is none of this."""
_WORD = Request((Message(role="user", content="Answer with the one word: ready"),), max_tokens=16)


def find_hopeless(config: RunConfig) -> list[Completion]:
    """Return what models were asked for a word that no list knows; it is paid for, and is to be charged.

    Raises in one line that says what to do: UsageError where there is no key, ModelUnusable where the key is refused or
    the model unknown, and ModelError where nobody answers at the user's addresses. On a cluster nobody is asked from
    here but for the key: its nodes may reach what this machine does not.
    """
    for name in config.models:
        if missing := missing_key(name, config.profile_of(name).model_kwargs):
            raise UsageError(missing)
    return [said for name in config.models for said in _asked(name, config)]


def _asked(name: str, config: RunConfig) -> Sequence[Completion]:
    endpoints, kwargs = config.endpoints(name), config.profile_of(name).model_kwargs
    reach = min(UNREACHED_SECONDS, endpoints.retry_seconds)
    try:
        known = listed(name, endpoints.api_bases, kwargs, reach=0 if config.cluster else reach)
    except ModelUnusable:
        raise
    except ModelError:
        if config.cluster:
            return ()
        raise
    open_yet = known in ("not listed", "nobody to ask")
    return _one_word(name, config) if open_yet and not config.cluster else ()


def _one_word(name: str, config: RunConfig) -> Sequence[Completion]:
    """Ask a model for one word. What it fails by that is not for good is left to the first call of the work."""
    endpoints = config.endpoints(name)
    patient = replace(endpoints, retry_seconds=min(_PATIENCE, endpoints.retry_seconds))
    try:
        with connect(name, profile=config.profile_of(name), endpoints=patient) as model:
            return (model.complete(_WORD),)
    except ModelUnusable:
        raise
    except ModelError as error:
        if is_unreached(error):
            raise
        _log.info("%s: asked for one word: %s", name, error)
        return ()
