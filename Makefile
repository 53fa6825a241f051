# dstack-audit: everything starts here.
#   make audit TARGET=/path/to/repo   set up what is missing, build, audit
#   make test                         set up what is missing, build with sanitizers, run all tests
#   make e2e                          the plugin in the real client, offline (fetches the client once)
#   make dist                         the plugin as a zip with static helpers
#   make lint | mutants | bench | rules | clean

BUILD ?= helper/build
HELPER = $(BUILD)/dstack-audit
TARGET ?= .
export TARGET
FORMAT ?=

PKGS = libpcre2-8 yaml-0.1 libcjson libcrypto
PKG_CONFIG ?= pkg-config
INCLUDES = $$($(PKG_CONFIG) --cflags $(PKGS))
LIBS = $$($(PKG_CONFIG) --libs $(PKGS))
# builds what runs during the build
HOSTCC ?= cc
WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
       -Wvla -Wundef -Wpointer-arith -Wwrite-strings
STD = -std=c11 -D_POSIX_C_SOURCE=200809L -D_DARWIN_C_SOURCE -D_DEFAULT_SOURCE
OPT ?= -O2

SOURCES = $(wildcard helper/*.c helper/base/*.c helper/input/*.c helper/doc/*.c helper/rule/*.c \
          helper/fact/*.c helper/check/*.c helper/report/*.c)
TEMPLATE = skills/dstack-audit/references/report-template.md
RULES = $(sort $(wildcard helper/rules/*.yaml))
OBJECTS = $(SOURCES:helper/%.c=$(BUILD)/%.o) $(BUILD)/rules_embedded.o $(BUILD)/template_embedded.o
LIB_OBJECTS = $(filter-out $(BUILD)/main.o,$(OBJECTS))

# Each parser for FUZZ_SECONDS (clang): make fuzz [FUZZ_SECONDS=60] [FUZZ="yaml shell"]
FUZZ ?= yaml json dockerfile shell code interp
FUZZ_SECONDS ?= 60

.PHONY: dist e2e fuzz audit test lint mutants bench rules clean deps test-deps helper units mutant

# Standard output carries the audit alone.
audit:
	@$(MAKE) -s --no-print-directory deps helper >&2
	@skills/dstack-audit/scripts/audit-checks.sh "$$TARGET" $(if $(FORMAT),--format $(FORMAT))

helper: $(HELPER)

$(HELPER): $(OBJECTS)
	$(CC) $(LDFLAGS) $(EXTRA) -o $@.tmp $(OBJECTS) $(LIBS) -lm
	mv $@.tmp $@

$(BUILD)/%.o: helper/%.c
	@mkdir -p $(@D)
	$(CC) $(STD) $(WARN) $(OPT) $(CFLAGS) $(EXTRA) -Ihelper $(INCLUDES) -MMD -MP -c -o $@ $<

# The rule files become bytes of the program: no #embed before C23, so a small generator.
$(BUILD)/embed: helper/tools/embed.c
	@mkdir -p $(@D)
	$(HOSTCC) $(STD) -o $@ $<

$(BUILD)/rules_embedded.c: $(BUILD)/embed $(RULES)
	$(BUILD)/embed embedded_rules $(RULES) > $@.tmp
	mv $@.tmp $@

$(BUILD)/template_embedded.c: $(BUILD)/embed $(TEMPLATE)
	$(BUILD)/embed embedded_templates $(TEMPLATE) > $@.tmp
	mv $@.tmp $@

$(BUILD)/%_embedded.o: $(BUILD)/%_embedded.c
	$(CC) $(STD) $(OPT) -Ihelper -c -o $@ $<

UNITS = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))

units: $(HELPER) $(UNITS)

# The same program, but DSTACK_AUDIT_DISABLE takes one rule away: for tests/shell/mutants.sh alone.
MUTANT = $(BUILD)/mutants/dstack-audit
mutant: $(MUTANT)

$(MUTANT): $(OBJECTS)
	@mkdir -p $(@D)
	$(CC) $(STD) $(WARN) $(OPT) $(CFLAGS) $(EXTRA) -DMUTANTS -Ihelper $(INCLUDES) -c -o $(@D)/checks.o helper/check/checks.c
	$(CC) $(LDFLAGS) $(EXTRA) -o $@ $(@D)/checks.o $(filter-out $(BUILD)/check/checks.o,$(OBJECTS)) $(LIBS) -lm

$(BUILD)/unit/%: tests/unit/%.c $(LIB_OBJECTS)
	@mkdir -p $(@D)
	$(CC) $(STD) $(WARN) $(OPT) $(CFLAGS) $(EXTRA) -Ihelper -Itests/unit $$($(PKG_CONFIG) --cflags $(PKGS) cmocka) \
	    -o $@ $< $(LIB_OBJECTS) $$($(PKG_CONFIG) --libs $(PKGS) cmocka) -lm

deps:
	@helper/tools/bootstrap.sh build

test-deps:
	@helper/tools/bootstrap.sh test

test: test-deps
	@echo "The plugin in the real client is tested apart, with a download of its own: make e2e"
	@tests/run.sh

# A machine that cannot have the client skips these tests, with a line that says why.
e2e:
	@helper/tools/bootstrap.sh build && helper/tools/bootstrap.sh e2e || true
	@tests/e2e/run.sh

lint:
	@tests/lint.sh

# Every rule taken away must break a fixture.
mutants: deps mutant
	@DSTACK_AUDIT_MUTANT=$(MUTANT) tests/shell/mutants.sh

# Against a read floor; BENCH_CORPUS and BENCH_RUNS as tests/bench.sh says.
bench: deps helper $(BUILD)/bench
	@HELPER=$(HELPER) BENCH=$(BUILD)/bench tests/bench.sh

$(BUILD)/bench: tests/bench/bench.c $(LIB_OBJECTS)
	$(CC) $(STD) $(WARN) $(OPT) $(CFLAGS) $(EXTRA) -Ihelper $(INCLUDES) -o $@ tests/bench/bench.c $(LIB_OBJECTS) $(LIBS) -lm

# What is derived from the rules: the search patterns, and what the checklist says about rules.
REFERENCES = skills/dstack-audit/references
rules: helper
	$(HELPER) patterns > $(BUILD)/patterns.md
	$(HELPER) covers | awk -f helper/tools/checklist.awk - $(REFERENCES)/checklist.md > $(BUILD)/checklist.md
	cp $(BUILD)/patterns.md $(REFERENCES)/search-patterns.md
	cp $(BUILD)/checklist.md $(REFERENCES)/checklist.md

fuzz:
	@for target in $(FUZZ); do tests/fuzz/run.sh $$target $(FUZZ_SECONDS) || exit 1; done

# The plugin as a zip with a static helper for Linux; on Debian or Ubuntu, as root.
dist:
	helper/tools/dist.sh

clean:
	rm -rf helper/build

-include $(SOURCES:helper/%.c=$(BUILD)/%.d)
