"""``runoff validate``: are the tasks of a split sound in this place?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from swebench_runs.cli import options, rows
from swebench_runs.run_folder.outputs import output_folder

if TYPE_CHECKING:
    from swebench_runs.after_run.validation import Validation


def validate(
    subset: rows.Subset = "lite",
    split: rows.Split = "test",
    gold: Annotated[bool, typer.Option("--gold", help="Say so: hidden tests and gold patches are used.")] = False,
    filter: rows.Filter = "",
    slice: rows.Slice = "",
    shuffle: rows.Shuffle = False,
    instance: rows.Instances = [],  # noqa: B006 - typer makes a new list for each call
    repos: options.Repos = None,
    base_image: options.BaseImage = None,
    pull: options.Pull = None,
    image_template: options.ImageTemplate = None,
    sandbox: Annotated[
        Literal["docker", "bubblewrap"],
        typer.Option(metavar="docker|bubblewrap", help="A container, or bubblewrap over the image unpacked."),
    ] = "docker",
    workers: Annotated[int, typer.Option("-w", "--workers", metavar="N", min=1, help="Tasks at a time.")] = 1,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the images that were built.")] = False,
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FOLDER", callback=output_folder, help="Folder of records and logs."),
    ] = Path("runs/validate"),
) -> int:
    """Check tasks: gold patches are resolved, no patch is not. The same command again goes on."""
    from swebench_runs.after_run.validation import validate_rows
    from swebench_runs.after_run.validation.table import markdown, terminal_table
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.errors import Exit, UsageError
    from swebench_runs.one_task.ground.base_sandbox import prepare_engine, prepare_host
    from swebench_runs.run_folder.files import write_whole
    from swebench_runs.splits.images import RowImages

    if not gold:
        raise UsageError("runoff validate runs the gold patches of a split on its hidden tests: say so with --gold")
    chosen = rows.chosen_rows(subset, split, filter=filter, slice=slice, shuffle=shuffle, instances=instance)
    console = terminal()
    prepare_engine()
    if sandbox == "bubblewrap":
        prepare_host()

    def tell(one: Validation) -> None:
        console.print(f"{one.instance_id}: {one.why or 'valid'}", markup=False, highlight=False, soft_wrap=True)

    images = RowImages.open(repos=repos, base_image=base_image, pull=bool(pull), template=image_template)
    done = validate_rows(chosen, images, output, kind=sandbox, workers=workers, keep=keep, progress=tell)
    write_whole(output / "validation.md", markdown(done))
    console.print(terminal_table(done))
    console.print(f"Records: {output / 'validation.jsonl'}", markup=False, highlight=False, soft_wrap=True)
    return Exit.DONE if all(one.valid for one in done) else Exit.FAILED_TASKS
