"""The keys of a run's configuration: everything that decides what it does."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, NonNegativeInt, PositiveInt, field_serializer, field_validator

from agent.models.endpoints.settings import CALL_SECONDS, RETRY_SECONDS
from agent.models.kwargs import checked_kwargs
from agent.models.profiles import JudgeWorth, ModelProfile, PricePolicy
from agent.models.shown_tokens import Shown
from agent.scaffolds import scaffolds_of
from selection.rules import RULES, RUN_RULE
from swebench_runs.config.deadlines import Deadlines
from swebench_runs.config.key_kinds import Addresses, Budgets, Frozen, Judges, Names, Numbers, cluster_address
from swebench_runs.config.nearest_name import nearest
from swebench_runs.config.players import Models, Roles, Scaffolds
from swebench_runs.config.sandboxes import SandboxKey, SandboxSettings
from verifiers.judges import JUDGES, WORDS


class RunKeys(Frozen):
    """Each key with its kind, its default and what it decides. Unknown keys are errors."""

    subset: str = "starter"
    """A data set's name, a file of rows or recipes, or the id of a data set on the Hugging Face hub."""
    split: str = "test"
    """Which part of the subset."""
    shuffle: bool = False
    """Sort by id, then shuffle by a fixed seed, before ``filter`` and ``slice``."""
    filter: str = ""
    """A regular expression that an instance id must match from its start."""
    slice: str = ""
    """``start:stop`` or ``start:stop:step`` over what ``filter`` left; ``i/n``: every n-th of all that is asked for."""
    statement: Literal["any", "example", "prose"] = "any"
    """Only tasks whose issue shows an example, or only tells; before ``slice``."""
    draw: PositiveInt | None = None
    """So many of what is left, drawn by ``seed``; None: all."""
    instances: Names = ()
    """Only these instance ids; empty: all."""

    model: Models = "local"
    """A litellm model string, or ``local``; several, with weights: a pool that trajectories are drawn from."""
    roles: Roles = Roles()
    """Models of single roles; a role that is not named here is played by ``model``."""
    api_base: Addresses = None
    """Where the model is served, for an endpoint of one's own, or its replicas; None: where litellm finds it."""
    served_at: dict[str, Addresses] = Field(default_factory=dict)
    """Where single models are served, by name, for those that are elsewhere than ``api_base`` says."""
    affinity_header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")] | None = None
    """A header that names the trajectory to a router, such as ``X-Session-ID``; None: none is sent."""
    calls: PositiveInt | None = None
    """Calls at once to each endpoint at most; None: as many as it takes, found out by what it pushes back."""
    rpm: PositiveInt | None = None
    """Requests a minute that the endpoint is sent at most; None: as many as it takes."""
    tpm: PositiveInt | None = None
    """Tokens a minute, prompt and answer, at most; None: as many as it takes."""
    call_seconds: Annotated[float, Field(gt=0)] = CALL_SECONDS
    """How long one call may take before it is given up and tried again."""
    retry_seconds: Annotated[float, Field(gt=0)] = RETRY_SECONDS
    """How long a call is tried again, and an endpoint waited for that answers nobody."""
    sandbox: SandboxKey = SandboxSettings()
    """What tasks run in: a kind, or a section with the ceilings of a sandbox."""
    repos: str | None = None
    """A folder of repositories, for a data set's tasks; None: those that are needed are cloned."""
    base_image: str | None = None
    """The Debian below the images that are built; None: a registry's."""
    image_template: str | None = None
    """The names of published images (``swebench``, ``epoch``, ... or text with ``{id}``); None: what a row names."""
    dockerfile: str = ""
    """Of ``runoff fix``: a Dockerfile of the checkout that its image is built by; empty: packages are installed."""
    image_budget: str | None = None
    """What all of Runoff's images may take on the engine, e.g. ``100GB``: those used longest ago go; None: no limit."""
    pull: bool = False
    """Take a task's published image instead of building one."""
    workers: PositiveInt = 4
    """Live trajectories at a time, over all tasks; on a cluster: of each node."""
    cluster: Annotated[str, AfterValidator(cluster_address)] | None = None
    """A Ray cluster whose nodes work on the tasks: ``auto``, ``[ray://]HOST:PORT``; None: this process does."""
    shared: bool | None = None
    """Whether nodes of a cluster must see the run's folder; None: each looks, and sends its records where it does not.
    """
    sandboxes: PositiveInt | None = None
    """Sandboxes that stand open at a time, over all tasks; None: twice the workers, and 256 at least."""
    task_tries: PositiveInt = 3
    """How often a task is begun in one run while the machine fails it (a sandbox, the engine, the disk)."""

    given: bool = False
    """Of ``runoff select --execute``: the candidates are anyone's, none is made; they stand in the tasks' folders."""
    second_look: bool = True
    """Whether patches that break no existing test are looked at again for forging its outcome (docs/security.md)."""
    replayed_calls: bool = False
    """Of ``runoff select --execute``: record what calls of changed functions by nearby tests come to, too."""
    scaffold: Scaffolds | None = None
    """How editing trajectories work; ``tools=6, edit-and-test=2``: so many by each; None: what a model's profile says.
    """
    trajectories: PositiveInt = 4
    """Editing trajectories per task (the parallel budget), where ``scaffold`` has no numbers."""
    tests: NonNegativeInt = 2
    """Test trajectories per task."""
    turns: PositiveInt | None = None
    """Model calls of one editing trajectory (the serial budget); None: what its scaffold says."""
    test_scaffold: str | None = None
    """How test trajectories work; None: by ``tools-test`` where the model's profile says ``tools``, else by words."""
    test_turns: PositiveInt | None = None
    """Model calls of one test trajectory; None: what its scaffold says."""
    runoff_turns: NonNegativeInt | None = None
    """Model calls of the run-off; 0: no run-off; None: few, or many where it works with tools."""
    temperatures: Numbers | None = None
    """Editing or test trajectory number i samples at entry i modulo their number; None: a model that calls functions
    well as its vendor has set it, others at 0.2, 0.6, 0.8, 1.0."""
    context_tokens: Shown | None = None
    """What the model is shown of the repository: tokens, or below 1 a share of its window; None: its profile's word."""
    locate: Literal["none", "symbols", "relevance"] = "none"
    """Whether a model is asked where to look before the context is built: ``symbols``: it names files and definitions;
    ``relevance``: it judges files one by one and ranks those that matter."""
    locate_files: PositiveInt = 30
    """Files that are judged, of ``locate: relevance``: the first by our own ranking."""
    locate_rankings: Annotated[int, Field(ge=1, le=20)] = 3
    """Rankings of the relevant files that are merged."""
    answer_tokens: PositiveInt | None = None
    """Ceiling of one answer without its thought, in tokens; None: what the model's profile says."""

    profile: tuple[ModelProfile, ...] = ()
    """Profiles of one's own, tried before the packaged ones; of each only the keys that it sets count."""
    reasoning_effort: str | None = None
    """How hard the model thinks: ``low``, ``medium``, ``high``, ``none`` or its vendor's word; None: its profile's."""
    model_kwargs: Annotated[dict[str, Any], AfterValidator(checked_kwargs)] = Field(default_factory=dict)
    """Passed to litellm with every request as they are, e.g. ``extra_headers``."""

    limits: Budgets = Budgets()
    deadlines: Deadlines = Deadlines()
    """What ends things that hang; what a trajectory or task may spend is said by ``limits``."""
    price: PricePolicy | None = None
    """Where the price of a call comes from; None: what the model's profile says."""

    judge: Judges = ("auto",)
    """Judges by name, or ``auto``: those that have earned it with their model, by its profile; ``on``: the default one
    always; ``off``: none."""
    judge_trajectories: bool = False
    """Show a judge that looks at one candidate at a time what its trajectory ran, and what came of it."""
    measured_judges: dict[str, dict[str, JudgeWorth]] = Field(default_factory=dict)
    """Model -> judge -> how it did on the user's own graded patches, above its profile's word: what `runoff verifier
    calibrate` wrote into the user's file, unless the configuration says."""
    runoff_names: Literal["auto", "always", "never"] = "auto"
    """Whether the run-off's model may name the winner, as far as tests do not object; ``auto``: where its profile says
    that it names well, or that it has shown its worth as a judge."""
    waivers: Literal["auto", "always", "never"] = "auto"
    """Where every candidate breaks an existing test: ask the run-off's model whether the issue asks for that, and take
    the words of the issue that it quotes; ``auto``: one that names winners, or has shown its worth as a judge."""
    early_stop: bool = True
    """End a task's sampling when enough trajectories agree and every gate is clean."""
    rule: str = RUN_RULE
    """The rule that orders the candidates of a task."""
    rules: Names = ()
    """The rules that the report compares, however few the tasks; empty: all, from ten tasks on."""
    force: bool = False
    """Of ``runoff fix``: go on though the ground is bad (nothing can be imported, no test can be collected)."""
    abstain: bool = False
    """Withhold the patch where Runoff would not stand by it."""

    @field_validator("rule", "rules")
    @classmethod
    def _known(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for name in (value,) if isinstance(value, str) else value:
            if name not in RULES:
                raise ValueError(f"no rule {name!r}{nearest(name, RULES)}")
        return value

    @field_validator("test_scaffold")
    @classmethod
    def _tests(cls, value: str | None) -> str | None:
        if value is not None and value not in (known := scaffolds_of("test")):
            raise ValueError(f"no scaffold {value!r} that writes tests{nearest(value, known)}")
        return value

    @field_validator("judge")
    @classmethod
    def _known_judges(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) == 1 and value[0] in WORDS:
            return value
        for name in value:
            if name not in JUDGES:
                raise ValueError(f"no judge {name!r}{nearest(name, (*JUDGES, *WORDS))}")
        return value

    seed: int = 0
    """Seed of everything that is drawn."""
    suite_timeout: Annotated[float, Field(gt=0)] = 120.0
    """Seconds for one run of the repository's own tests."""
    suite_budget: Annotated[float, Field(ge=0)] = 0.0
    """Seconds for the rest of a suite too long for ``suite_timeout``, run on the finalists alone; 0: it is not run."""
    script_timeout: Annotated[float, Field(gt=0)] = 20.0
    """Seconds for one run of a generated test."""
    grade_timeout: Annotated[float, Field(gt=0)] = 1800.0
    """Seconds for one run of a data set's hidden tests."""

    @field_serializer("profile")
    def _as_written(self, profiles: tuple[ModelProfile, ...]) -> list[dict[str, Any]]:
        return [profile.model_dump(mode="json", exclude_unset=True) for profile in profiles]
