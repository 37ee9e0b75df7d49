"""What llama.cpp's server offers beside the OpenAI interface: exact token counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import httpx

from agent.models.contract import Choice, Message, ModelError


def client(api_base: str, api_key: str | None, *, timeout: float) -> httpx.Client:
    """Return an HTTP client for the server's own interface, which stands beside ``/v1``."""
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    # Loopback or a private host: a proxy from the environment must not stand between.
    return httpx.Client(
        base_url=api_base.rstrip("/").removesuffix("/v1"), headers=headers, timeout=timeout, trust_env=False
    )


class LlamaCppCounter:
    """Counts tokens with the served model's own tokenizer and chat template. Safe under many threads."""

    def __init__(self, api_base: str, api_key: str | None = None) -> None:
        self._http = client(api_base, api_key, timeout=60.0)

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        """Return the tokens of the prompt that the server makes of these messages."""
        body = {"messages": [{"role": m.role, "content": m.content} for m in messages]}
        return self.text_tokens(str(self._post("/apply-template", body)["prompt"]))

    def text_tokens(self, text: str) -> int:
        """Return the tokens of a text; special tokens written in it count as one."""
        tokens = self._post("/tokenize", {"content": text, "add_special": False, "parse_special": True})["tokens"]
        return len(tokens) if isinstance(tokens, list) else 0

    def answer_tokens(self, choice: Choice) -> int:
        """Return the tokens that an answer took, its end token included (the server counts one choice of several)."""
        if choice.logprobs is not None:
            return len(choice.logprobs)
        return self.text_tokens(choice.content) + (choice.finish_reason != "length")

    def _post(self, path: str, body: Mapping[str, object]) -> dict[str, object]:
        try:
            answer = self._http.post(path, json=body)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise ModelError(
                f"the llama.cpp server at {self._http.base_url} does not answer {path}: {error}"
            ) from error
        parsed: dict[str, object] = answer.json()
        return parsed
