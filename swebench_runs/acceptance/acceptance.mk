# The acceptance of the whole, item by item; each writes docs/measurements/<item>.json and fails when a check fails.
ACCEPTANCE := $(BIN)/python -m swebench_runs.acceptance
ACCEPTANCE_ITEMS := demo test pool kill sandbox fix docs selection grader

.PHONY: $(ACCEPTANCE_ITEMS:%=acceptance-%)

acceptance:  ## every item in order, to the end even where one does not pass
	@failed=""; for item in $(ACCEPTANCE_ITEMS); do $(MAKE) acceptance-$$item || failed="$$failed $$item"; done; \
	if [ -n "$$failed" ]; then echo "not passed:$$failed"; exit 1; fi

acceptance-demo:  ## make demo in under 12 minutes, set-up included
	began=$$(date +%s) && $(MAKE) setup && $(ACCEPTANCE).demo --setup-seconds $$(($$(date +%s) - began))

acceptance-test: setup  ## make test in under 15 minutes, nothing skipped that could run
	$(ACCEPTANCE).test

acceptance-pool: setup  ## the stored pool and every figure from it; goes on where it was interrupted
	$(RUNOFF) model fetch local
	$(ACCEPTANCE).pool

acceptance-kill: setup  ## ten kills at random moments
	$(RUNOFF) model fetch local-small
	$(ACCEPTANCE).kill

acceptance-sandbox: setup  ## fork + run + close in under 20 ms
	$(ACCEPTANCE).sandbox

acceptance-fix: setup  ## one issue in a checkout with local changes
	$(RUNOFF) model fetch local
	$(ACCEPTANCE).fix

acceptance-selection: setup  ## every rule on real, graded patches; needs the pool's rows ($RUNOFF_DATA)
	$(ACCEPTANCE).selection

acceptance-grader: setup  ## our grader beside swebench 4.1.0 and 5.0.2 (installs both, apart); needs the rows ($RUNOFF_DATA)
	$(ACCEPTANCE).grader

acceptance-docs: setup  ## the examples of docs/extending.md run; one file calls every stage
	$(ACCEPTANCE).docs
