"""``runoff model``: the embedded model's file and server."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="The embedded model: fetch its file, serve it.", no_args_is_help=True)

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help="local, local-small (for tests), local:PATH.gguf or local:hf:OWNER/REPO/FILE.gguf."
    ),
]


@app.command()
def fetch(name: Name = "local") -> None:
    """Fetch a model's file into the cache. Resumes, and accepts only the right SHA-256."""
    from agent.models.local.catalog import local_model
    from agent.models.local.fetch import fetch as bring
    from agent.models.local.own_file import file_hash

    model = local_model(name)
    typer.echo(f"{name}: {bring(model)}")
    if not model.sha256:
        typer.echo(f"SHA-256: {file_hash(model)}")


@app.command()
def serve(
    name: Name = "local",
    host: Annotated[str, typer.Option(metavar="HOST", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="The port to listen on.")] = 8080,
    slots: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Answers worked on at once.  [default: the profile's]")
    ] = None,
    threads: Annotated[int | None, typer.Option(metavar="N", min=1, help="Threads.  [default: one per core]")] = None,
    context: Annotated[
        int | None, typer.Option(metavar="TOKENS", min=1, help="Tokens per slot.  [default: the profile's]")
    ] = None,
) -> None:
    """Serve a model as an OpenAI-compatible endpoint. Runs on this machine then use it."""
    from agent.models.local.serve import serve as listen
    from agent.models.profiles import profile_for

    profile = profile_for(name)
    listen(name, host, port, slots or profile.parallel_slots, threads, context or profile.context_tokens)
