"""From options to llama.cpp's own parameters."""

from __future__ import annotations

from typing import Any

from agent.models.contract import ModelError
from agent.models.local.catalog import local_model
from agent.models.local.options import ServerOptions

PROMPT_CACHE_MIB = 1024
"""Memory for prompts that lost their slot: about twelve of 3,000 tokens. llama.cpp's own default, 8 GiB, fills within
an hour and is more than many a laptop has."""

_SPECULATION = {"ngram-simple": "NGRAM_SIMPLE", "ngram-mod": "NGRAM_MOD", "draft": "DRAFT_SIMPLE"}
_CACHE = {"f16": "F16", "q8_0": "Q8_0", "q4_0": "Q4_0"}


def parameters(options: ServerOptions) -> Any:
    """Return xllamacpp's parameters for these options, without model and address; ModelError where it is missing."""
    try:
        import xllamacpp
    except ImportError as error:
        raise ModelError(f"the embedded model needs xllamacpp; pip install 'runoff[local]' ({error})") from error
    made = xllamacpp.CommonParams()
    made.n_parallel = options.slots
    made.n_ctx = options.slots * options.context
    made.kv_unified = options.unified
    made.cpuparams.n_threads = options.threads
    made.cpuparams_batch.n_threads = options.threads
    made.n_batch = options.batch
    made.n_ubatch = options.micro_batch
    made.cache_type_k = made.cache_type_v = getattr(xllamacpp.ggml_type, f"GGML_TYPE_{_CACHE[options.cache]}")
    if options.flash is not None:
        word = "ENABLED" if options.flash else "DISABLED"
        made.flash_attn_type = getattr(xllamacpp.llama_flash_attn_type, f"LLAMA_FLASH_ATTN_TYPE_{word}")
    made.n_gpu_layers = options.gpu_layers if has_device(xllamacpp) else 0
    made.cache_ram_mib = PROMPT_CACHE_MIB
    made.endpoint_metrics = True
    made.endpoint_slots = True
    made.ui = False
    made.offline = True
    if options.speculation:
        _speculate(made, options, xllamacpp)
    return made


def has_device(xllamacpp: Any) -> bool:
    """Tell whether this build of llama.cpp finds anything but the CPU."""
    cpu = xllamacpp.ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_CPU
    return any(device["type"] != cpu for device in xllamacpp.get_device_info())


def _speculate(made: Any, options: ServerOptions, xllamacpp: Any) -> None:
    kinds = xllamacpp.common_speculative_type
    made.speculative.types = [getattr(kinds, f"COMMON_SPECULATIVE_TYPE_{_SPECULATION[options.speculation]}")]
    if options.speculation == "draft":
        draft = made.speculative.draft
        draft.mparams.path = str(local_model(options.draft).path)
        draft.cpuparams.n_threads = draft.cpuparams_batch.n_threads = options.threads
        draft.n_gpu_layers = made.n_gpu_layers
