"""``runoff images``: build, pull, list and remove the images that tasks are worked on in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from environments.text import one_line
from swebench_runs.cli import options, rows
from swebench_runs.run_folder.outputs import output_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from environments.images.images_on_disk import Kept
    from environments.images.pulling import PullError
    from swebench_runs.rows import Row
    from swebench_runs.splits.images import RowImages
    from swebench_runs.splits.images.making import Made

app = typer.Typer(help="Build, pull, list and remove images of tasks.", no_args_is_help=True)

Workers = Annotated[int, typer.Option("-w", "--workers", metavar="N", min=1, help="Images at a time.")]
Budget = Annotated[
    str | None,
    typer.Option(
        "--disk-budget", metavar="SIZE", help="What all images may take, e.g. 20GB; least recently used ones go."
    ),
]
Template = Annotated[
    str | None,
    typer.Option(
        "--template",
        "--image-template",
        metavar="TEMPLATE",
        help="Names of images: swebench, epoch, ..., or text with {id}.",
    ),
]
Account = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", callback=output_file, help="Write a JSON account here.")
]


@app.command()
def build(
    subset: rows.Subset = "lite",
    split: rows.Split = "test",
    filter: rows.Filter = "",
    slice: rows.Slice = "",
    shuffle: rows.Shuffle = False,
    instance: rows.Instances = [],  # noqa: B006 - typer makes a new list for each call
    repos: options.Repos = None,
    base_image: options.BaseImage = None,
    bootstrap: Annotated[
        bool, typer.Option("--bootstrap", help="Ask no registry: make Debian and CPythons on this machine.")
    ] = False,
    workers: Workers = 2,
    disk_budget: Budget = None,
    output: Account = None,
) -> int:
    """Build images of tasks. Of Debian, a CPython, the pins of their versions, and their trees; what is there stays."""
    from swebench_runs.splits.images import RowImages

    budget = _bytes(disk_budget)
    chosen = rows.chosen_rows(subset, split, filter=filter, slice=slice, shuffle=shuffle, instances=instance)
    images = RowImages.open(repos=repos, base_image=base_image, bootstrap=bootstrap)
    return _make(chosen, images, pull=False, workers=workers, budget=budget, output=output)


@app.command()
def pull(
    subset: rows.Subset = "lite",
    split: rows.Split = "test",
    filter: rows.Filter = "",
    slice: rows.Slice = "",
    shuffle: rows.Shuffle = False,
    instance: rows.Instances = [],  # noqa: B006 - typer makes a new list for each call
    template: Template = None,
    mirror: Annotated[
        str | None,
        typer.Option(metavar="HOST[:PORT][/PATH]", help="host[:port][/path] in place of the images' registry."),
    ] = None,
    workers: Workers = 2,
    disk_budget: Budget = None,
    output: Account = None,
) -> int:
    """Pull published images of tasks. They become Runoff's own: activated, without history, the sandbox user's."""
    from swebench_runs.splits.images import RowImages

    budget = _bytes(disk_budget)
    chosen = rows.chosen_rows(subset, split, filter=filter, slice=slice, shuffle=shuffle, instances=instance)
    images = RowImages.open(pull=True, template=template, mirror=mirror)
    return _make(chosen, images, pull=True, workers=workers, budget=budget, output=output)


@app.command("list")
def show() -> None:
    """List Runoff's images, what they take, and when they were last used."""
    from environments.images.images_on_disk import list_images
    from environments.images.places import image_folder
    from environments.sandboxes.docker import connect
    from swebench_runs.cli.terminal import terminal

    terminal().print(_table(list_images(connect(), image_folder())))


@app.command()
def clean(disk_budget: Budget = None) -> None:
    """Remove Runoff's images that nothing runs from. With --disk-budget only as many as are over it."""
    from environments.images.images_on_disk import evict, remove_all, remove_unfinished
    from environments.images.places import image_folder
    from environments.sandboxes.docker import connect

    budget = _bytes(disk_budget)
    engine, folder = connect(), image_folder()
    unfinished = remove_unfinished(engine)
    gone = remove_all(engine, folder) if budget is None else evict(engine, folder, budget)
    for one in gone:
        typer.echo(one_line(f"removed {one.reference} {one.instance_id}"))
    typer.echo(f"{len(gone)} images removed, {sum(one.own_bytes for one in gone) / 1e9:.1f} GB")
    if unfinished:
        typer.echo(f"{unfinished} parts of unfinished builds removed")


def _make(
    chosen: Sequence[Row],
    images: RowImages,
    *,
    pull: bool,
    workers: int,
    budget: int | None,
    output: Path | None,
) -> int:
    from environments.images.pulling import Pulled
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.errors import Exit
    from swebench_runs.splits.images.making import make_images, medians, write_account
    from swebench_runs.splits.images.table import by_repository

    console = terminal()
    if output:
        write_account(output, [], [])  # now, rather than when everything is made, it shows whether it can be written

    def tell(made: Made) -> None:
        if output:
            write_account(output, [made], images.builder.notes)
        took = "was there" if made.reused else f"{made.seconds:.1f} s, {made.added_bytes / 1e6:.1f} MB"
        console.print(f"{made.instance_id}: {made.problem or took}", markup=False, highlight=False, soft_wrap=True)

    def tell_pull(reference: str, outcome: Pulled | PullError) -> None:
        if isinstance(outcome, Pulled) and outcome.attempts:
            console.print(f"pulled {reference}: {outcome.seconds:.1f} s", markup=False, highlight=False, soft_wrap=True)

    made = make_images(chosen, images, pull=pull, workers=workers, budget=budget, progress=tell, pulling=tell_pull)
    console.print(by_repository(made))
    if found := medians(made):
        console.print(f"Made anew, at the median: {found[0]:.1f} s and {found[1]:.1f} MB", highlight=False)
    for note in images.builder.notes:
        console.print(f"Note: {note}", markup=False, highlight=False, soft_wrap=True)
    if output:
        console.print(f"Account: {output}", markup=False, highlight=False, soft_wrap=True)
    failed = sum(bool(one.problem) for one in made)
    if failed:
        console.print(f"{failed} of {len(made)} images were not made: the same command tries those again", markup=False)
    return Exit.FAILED_TASKS if failed else Exit.DONE


def _table(kept: Sequence[Kept]) -> object:
    from swebench_runs.splits.images.table import kept_table

    return kept_table(kept)


def _bytes(text: str | None) -> int | None:
    from swebench_runs.config.sandboxes import bytes_of
    from swebench_runs.errors import UsageError

    try:
        return None if text is None else bytes_of(text)
    except ValueError as error:
        raise UsageError(f"--disk-budget {text}: {error}") from error
