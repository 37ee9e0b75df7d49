"""The models that are asked, and the path below which each vendor's own endpoint answers."""

from __future__ import annotations

MODELS: dict[str, tuple[str, ...]] = {
    "anthropic": ("claude-opus-4-7", "claude-sonnet-5", "claude-sonnet-4-5", "claude-opus-4-6"),
    "openai": ("gpt-5-mini", "gpt-5.5", "o3", "gpt-4.1"),
    "gemini": ("gemini/gemini-3-pro-preview", "gemini/gemini-2.5-pro"),
    "deepseek": ("deepseek/deepseek-chat", "deepseek/deepseek-reasoner"),
    "openrouter": ("openrouter/qwen/qwen3-coder", "openrouter/anthropic/claude-sonnet-4.5"),
    "bedrock": (
        "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "bedrock/us.anthropic.claude-opus-4-7",
        "bedrock/us.amazon.nova-pro-v1:0",
    ),
    "hosted_vllm": ("hosted_vllm/Qwen/Qwen3-Coder-30B-A3B-Instruct",),
    "ollama": ("ollama/qwen2.5-coder", "ollama_chat/qwen3"),
    "mistral": ("mistral/devstral-medium-latest",),
    "xai": ("xai/grok-4",),
    "groq": ("groq/openai/gpt-oss-120b",),
    "moonshot": ("moonshot/kimi-k2-thinking",),
}
"""Vendor -> names as litellm takes them."""

_BELOW = {"anthropic": "", "gemini": "/v1beta", "bedrock": "", "ollama": ""}


def names() -> list[str]:
    """Return all names."""
    return [name for group in MODELS.values() for name in group]


def place(name: str, address: str) -> str:
    """Return the ``api_base`` of a model at a server that is every vendor."""
    vendor = next(vendor for vendor, group in MODELS.items() if name in group)
    return f"{address}{_BELOW.get(vendor, '/v1')}"
