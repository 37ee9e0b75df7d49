"""``runoff validate``: are the tasks of a split sound in this place?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swebench_runs.cli import options

if TYPE_CHECKING:
    from swebench_runs.validation import Validation


def validate(
    subset: Annotated[str, typer.Option(help="lite, verified, full, ..., a file of rows, or a dataset.")] = "lite",
    split: Annotated[str, typer.Option(help="Which part of the subset.")] = "test",
    gold: Annotated[bool, typer.Option("--gold", help="Say so: hidden tests and gold patches are used.")] = False,
    filter: Annotated[str, typer.Option(help="Regular expression over instance ids.")] = "",
    slice: Annotated[str, typer.Option(help="start:stop of what the filter left.")] = "",
    shuffle: Annotated[bool, typer.Option("--shuffle/--no-shuffle", help="Before filter and slice.")] = False,
    instance: Annotated[list[str], typer.Option("-i", "--instance", help="Only this one; repeatable.")] = [],  # noqa: B006
    repos: options.Repos = None,
    base_image: options.BaseImage = None,
    sandbox: Annotated[str, typer.Option(help="docker or bubblewrap (the image unpacked).")] = "docker",
    workers: Annotated[int, typer.Option("-w", "--workers", min=1, help="Tasks at a time.")] = 1,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the images that were built.")] = False,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of records and logs.")] = Path("runs/validate"),
) -> int:
    """Check that gold patches are resolved and no patch is not; the same command again goes on."""
    from swebench_runs.base import prepare_host
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.config import RunConfig, select
    from swebench_runs.errors import Exit, UsageError
    from swebench_runs.files import write_whole
    from swebench_runs.images import RowImages
    from swebench_runs.rows import load_rows, task
    from swebench_runs.validation import validate_rows
    from swebench_runs.validation.table import markdown, terminal_table

    if not gold:
        raise UsageError("runoff validate runs the gold patches of a split on its hidden tests: say so with --gold")
    if sandbox not in ("docker", "bubblewrap"):
        raise UsageError(f"--sandbox {sandbox}: docker or bubblewrap")
    found = load_rows(subset, split)
    config = RunConfig(
        subset=subset, split=split, filter=filter, slice=slice, shuffle=shuffle, instances=tuple(instance)
    )
    rows = {row.instance_id: row for row in found.rows}
    chosen = [rows[one.instance_id] for one in select(map(task, found.rows), config)]
    console = terminal()
    prepare_host()

    def tell(one: Validation) -> None:
        console.print(f"{one.instance_id}: {one.why or 'valid'}", markup=False, highlight=False, soft_wrap=True)

    images = RowImages.open(repos=repos, base_image=base_image)
    done = validate_rows(
        chosen,
        images,
        output,
        kind="docker" if sandbox == "docker" else "bubblewrap",
        workers=workers,
        keep=keep,
        progress=tell,
    )
    write_whole(output / "validation.md", markdown(done))
    console.print(terminal_table(done))
    console.print(f"Records: {output / 'validation.jsonl'}", markup=False, highlight=False, soft_wrap=True)
    return Exit.DONE if all(one.valid for one in done) else Exit.FAILED_TASKS
