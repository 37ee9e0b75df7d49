"""What ``runoff doctor -m MODEL`` tells: what the model can do, what it costs, and which profile it got."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from agent.models.checkup import Finding
    from agent.models.prices import Price
    from agent.models.profiles import ModelProfile
    from swebench_runs.config import RunConfig

PATIENCE = 20.0
"""Seconds for which a call is tried again: who asks the doctor waits for an answer."""


def examine(name: str, config: RunConfig) -> int:
    """Ask a model one small thing of each kind, and tell what came of it as it comes."""
    from agent.models.checkup import check_up
    from agent.models.connect import connect
    from agent.models.contract import ModelUnusable
    from agent.models.keys import missing_key
    from swebench_runs.errors import Exit

    profile = config.profile_of(name)
    if missing := missing_key(name, profile.model_kwargs):
        raise ModelUnusable(missing)
    endpoints = config.endpoints(name)
    endpoints = replace(endpoints, retry_seconds=min(PATIENCE, endpoints.retry_seconds))
    for line in _of_the_profile(name, profile):
        typer.echo(line)
    findings: list[Finding] = []
    with connect(name, profile=profile, endpoints=endpoints) as model:
        typer.echo(f"price: {_in_words(model.price)}")
        for finding in check_up(model, profile.reasoning_tokens):
            findings.append(finding)
            typer.echo(f"{finding.kind}: {'yes' if finding.able else 'no'}, {finding.said}")
    for line in _advice(name, profile, findings):
        typer.echo(line)
    typer.echo(_of_the_calls(findings))
    return Exit.DONE if findings[0].able else Exit.ENVIRONMENT


def _of_the_profile(name: str, profile: ModelProfile) -> Iterator[str]:
    window = f"{profile.context_tokens:,}" if profile.context_tokens else "unknown"
    yield f"model: {name}"
    yield f"profile: {', '.join(profile.match)} (another: --profile FILE)"
    yield f"scaffold: {profile.scaffold}; edits as {profile.edit_format}; tests as {profile.test_format}"
    yield (
        f"tokens: window {window}, shown {profile.shown:,}, an answer {profile.answer_tokens:,}, "
        f"its thought {profile.reasoning_tokens:,}, at most {profile.max_output_tokens:,} in one answer"
    )


def _advice(name: str, profile: ModelProfile, findings: list[Finding]) -> Iterator[str]:
    """Say what to do about calls that failed, and what to put into a profile where others tell something else."""
    failed = [one.kind for one in findings if one.failed]
    if failed:
        yield (
            f"worth knowing: no answer to {' and '.join(failed)}, so what it can do there is not known: mend what its "
            "line says (the address by --api-base, what is sent by a profile's `drop`, another model by -m) and ask "
            "again with the same command"
        )
    able = next((one.able for one in findings if one.kind == "tools" and not one.failed), profile.tools)
    if able and not profile.tools:
        yield (
            "worth knowing: it calls functions and its profile does not say so; to work with tools put "
            f'`- {{match: ["{name}"], tools: true}}` into a file and give --profile FILE (or `profile:` in a -c file)'
        )
    if profile.tools and not able:
        yield (
            "worth knowing: its profile says that it calls functions, and it did not; start its server with a parser "
            "of calls (vLLM: --enable-auto-tool-choice --tool-call-parser NAME; SGLang: --tool-call-parser NAME), or "
            f'give --profile FILE with `- {{match: ["{name}"], tools: false}}`: then tools are called by blocks of text'
        )


def _in_words(price: Price | None) -> str:
    if price is None:
        return "nobody knows it: give -c price.policy=zero, or -c price.policy=table with its prices, for a money limit"
    if price.prompt == price.completion == 0:
        return "nothing"
    parts = [f"{price.prompt * 1e6:g} $ a million prompt tokens", f"{price.completion * 1e6:g} $ of answers"]
    if price.cached_prompt != price.prompt:
        parts.append(f"{price.cached_prompt * 1e6:g} $ read from its cache")
    if price.cache_write is not None:
        parts.append(f"{price.cache_write * 1e6:g} $ put into it")
    parts += [
        f"above {most:,} prompt tokens {tier.prompt * 1e6:g} $ and {tier.completion * 1e6:g} $"
        for most, tier in price.above
    ]
    return ", ".join(parts)


def _of_the_calls(findings: list[Finding]) -> str:
    tokens = sum(one.usage.prompt_tokens + one.usage.completion_tokens for one in findings)
    costs = [one.cost for one in findings]
    known = [cost for cost in costs if cost is not None]
    spent = f"{sum(known):.6f} $" if len(known) == len(costs) else "an unknown amount"
    return f"asking cost {spent}: {len(findings)} kinds of call, {tokens} tokens"
