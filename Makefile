# entrain: phase diagrams of interacting particles on spheres. `make help` lists the targets.
#
# Everything is built below build/$(CONFIG). Third-party flags come from pkg-config when the first recipe asks for
# them, not when this file is read, so that `make demo` can install them first.

CONFIG ?= release
PREFIX ?= /usr/local
PACKAGES ?= petsc hdf5-openmpi libfyaml sleef libmd zlib
PKG_CONFIG ?= pkg-config
CC = gcc
B := build/$(CONFIG)

# What the compiler gets. -ffp-contract=off: results are the same bits on every processor.
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual \
  -Wvla -Wno-psabi
OPTIMIZE := -O2
SANITIZE :=
ifeq ($(CONFIG),asan)
  OPTIMIZE := -O1
  SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
ifeq ($(CONFIG),fuzz)
  CC = clang
  SANITIZE := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
  CPPFLAGS += -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
endif
ifeq ($(CONFIG),memcheck)
  CPPFLAGS += -DENT_MEMCHECK
endif
CFLAGS = -std=c11 $(OPTIMIZE) -g -ffp-contract=off $(SANITIZE) $(WARNINGS) -D_GNU_SOURCE
LDFLAGS = $(SANITIZE)

# Asked once, when first used.
once = $(eval $(1) := $(2))$($(1))
THIRD_INCLUDE = $(call once,THIRD_INCLUDE,$(shell $(PKG_CONFIG) --cflags-only-I $(PACKAGES) | sed 's/-I */-isystem /g'))
# HDF5's high-level library has no module of its own: -lhdf5_hl, or -lhdf5_openmpi_hl beside -lhdf5_openmpi.
with_hl = $(patsubst -lhdf5%,-lhdf5%_hl,$(filter-out %_hl,$(filter -lhdf5%,$(1)))) $(1)
THIRD_LIBS = $(call once,THIRD_LIBS,$(call with_hl,$(shell $(PKG_CONFIG) --libs $(PACKAGES))) -lglpk -lm)
PURE_LIBS = $(call once,PURE_LIBS,$(shell $(PKG_CONFIG) --libs libfyaml sleef libmd zlib) -lglpk -lm)
COMPILE = $(CC) $(CFLAGS) -Iinclude -I$(B)/slurm $(THIRD_INCLUDE) $(CPPFLAGS)

# Layers that know no MPI, PETSc and HDF5; their tests are linked without them. src/layers.txt says who may include whom.
PURE := base math kernel model initial observe sweep

# Files *_simd.c are compiled once for each instruction set of the architecture, see base/isa.h.
SIMD_SOURCES := $(wildcard src/*/*_simd.c)
LEVELS := $(if $(filter x86_64,$(shell uname -m)),v3 v4)
SIMD_OBJECTS := $(foreach level,baseline $(LEVELS),$(SIMD_SOURCES:%.c=$(B)/%.$(level).o))
SOURCES := $(filter-out src/app/main.c src/base/version.c $(SIMD_SOURCES),$(wildcard src/*/*.c))
PURE_SOURCES := $(filter $(PURE:%=src/%/%),$(SOURCES))
SUPPORT := $(wildcard tests/support/*.c)
TEST_SOURCES := $(wildcard tests/unit/*/test_*.c)
HEADERS := $(wildcard include/entrain/*/*.h src/*/*.h)
ALL_CODE = $(HEADERS) $(wildcard src/*/*.c tests/support/*.[ch] tests/unit/*/*.[ch] tests/fuzz/*.[ch] tests/bench/*.[ch] tests/sim/*.[ch])
PROGRAM := $(B)/entrain
VERSION := $(B)/src/base/version.o
TESTS := $(TEST_SOURCES:%.c=$(B)/%)
SIMULATIONS := $(patsubst %.c,$(B)/%,$(wildcard tests/sim/*.c))
PURE_TESTS := $(filter $(PURE:%=$(B)/tests/unit/%/%),$(TESTS))
BENCH_SUPPORT := $(addprefix tests/bench/,batch_lanes.c bench.c kernels.c loops.c states.c)
BENCHES := $(patsubst %.c,$(B)/%,$(filter-out $(BENCH_SUPPORT) %_simd.c,$(wildcard tests/bench/*.c)))
PLAIN_BENCHES = $(filter-out $(B)/tests/bench/rivals,$(BENCHES)) # those that need no further libraries
FUZZERS := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))

.DEFAULT_GOAL := release
.SECONDARY:
.DELETE_ON_ERROR:
.PHONY: release demo sim test test-slurm build-tests check asan fuzz build-fuzzers bench build-bench memcheck help install-deps install clean format FORCE
# V=1 shows the commands.
Q := $(if $(V),,@)
say = @$(if $(V),true,printf '  %-5s %s\n' $(1) $(2))
MAKEFLAGS += --no-builtin-rules --no-print-directory
PARALLEL = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

##@ Start here
demo: ## install what is missing, build, sweep, draw a phase diagram
	@.ci/install-deps demo
	@$(MAKE) $(PARALLEL) release
	build/release/entrain run jobs/quickstart.yaml
	build/release/entrain report results/quickstart.h5 -o results/quickstart
	@echo "The phase diagram is results/quickstart/phase.png"

test: ## install what is missing, build, run every test [ONLY=]
	@.ci/install-deps all
	@$(MAKE) $(PARALLEL) build-tests
	@tests/run.sh $(B) $(ONLY)

test-slurm: ## run the tests that need a Slurm, as root [ONLY=]
	@.ci/install-deps all
	@.ci/install-deps slurm
	@$(MAKE) $(PARALLEL) release
	@tests/slurm/run.sh $(B) $(ONLY)

help: ## list the targets
	@awk -F ' *:.*## ' '/^##@/ {print "\n" substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile
	@printf '\n[ONLY=NAME] runs only those of that name: make test ONLY=base/test_rng\n'

##@ Build
release: $(PROGRAM) ## build the program, build/release/entrain (the default)

install-deps: ## install the packages that build, tests and checks need
	@.ci/install-deps all

install: release ## copy program, jobs, documents [PREFIX=/usr/local DESTDIR=]
	install -D $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/entrain
	install -d $(DESTDIR)$(PREFIX)/share/entrain/jobs $(DESTDIR)$(PREFIX)/share/doc/entrain
	install -m 644 jobs/*.yaml $(DESTDIR)$(PREFIX)/share/entrain/jobs
	install -m 644 README.md LICENSE $(DESTDIR)$(PREFIX)/share/doc/entrain
	cp -R docs $(DESTDIR)$(PREFIX)/share/doc/entrain

clean: ## remove everything that was built (results stay)
	rm -rf build

##@ Quality
check: ## headers, layers, sizes, banned calls, format, clang-tidy
	@.ci/install-deps all
	@$(MAKE) --keep-going $(PARALLEL) --output-sync=target check-headers check-layers check-sizes check-banned \
	  check-format check-tidy
	@echo "check: all good"

asan: ## run make test under address and undefined checks [ONLY=]
	@$(MAKE) CONFIG=asan test

fuzz: ## feed made-up input to every reader [RUNS=20000 ONLY=]
	@.ci/install-deps all
	@$(MAKE) $(PARALLEL) CONFIG=fuzz build-fuzzers
	@tests/fuzz/run.sh build/fuzz $(or $(RUNS),20000) $(ONLY)

memcheck: ## run the tests of the pure layers under valgrind [ONLY=]
	@.ci/install-deps all
	@$(MAKE) $(PARALLEL) CONFIG=memcheck build-tests
	@tests/memcheck.sh build/memcheck "$(PURE)" $(ONLY)

bench: ## measure what docs/performance.md says [ONLY=]
	@.ci/install-deps bench
	@$(MAKE) $(PARALLEL) release build-bench
	@/usr/bin/python3 tests/bench/bench.py $(B) $(ONLY)

sim: $(SIMULATIONS) ## play sweeps with up to 10^5 virtual workers, some minutes
	$(B)/tests/sim/dispatch_sim

format: ## let clang-format lay out all sources
	@clang-format -i $(ALL_CODE)

# How things are built.

build-tests: $(PROGRAM) $(TESTS) $(PLAIN_BENCHES)

$(PROGRAM): $(B)/src/app/main.o $(B)/libentrain.a $(VERSION)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $^ $(THIRD_LIBS) -o $@

$(B)/libentrain.a: $(SOURCES:%.c=$(B)/%.o) $(SIMD_OBJECTS)
$(B)/libpure.a: $(PURE_SOURCES:%.c=$(B)/%.o) $(SIMD_OBJECTS)
$(B)/liblock.a: $(patsubst %.c,$(B)/%.o,$(wildcard src/store/lock*.c) src/store/process.c)
$(B)/libcheck.a: $(SUPPORT:%.c=$(B)/%.o)
$(B)/libbench.a: $(BENCH_SUPPORT:%.c=$(B)/%.o) \
  $(foreach level,baseline $(LEVELS),$(B)/tests/bench/batch_simd.$(level).o $(B)/tests/bench/loops_simd.$(level).o)
%.a:
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# A test names the further libraries it needs in its first line: /* TEST np=1,4 libs=gsl */. The version's object
# is order-only: a new commit links the program again, not the tests.
test_libs = $$(sed -n '1s/.*TEST.*libs=\([a-z0-9,_-]*\).*/\1/p' $(1) | tr , ' ' | xargs -r $(PKG_CONFIG) --libs)
link_test = $(CC) $(LDFLAGS) $(filter %.o %.a,$^) $(VERSION) -lcunit $(call test_libs,$*.c) $(1) -o $@

$(PURE_TESTS) $(SIMULATIONS): $(B)/%: $(B)/%.o $(B)/libcheck.a $(B)/libpure.a | $(VERSION)
	$(call say,LINK,$@)
	$(Q)$(call link_test,$(PURE_LIBS))

$(filter-out $(PURE_TESTS),$(TESTS)): $(B)/%: $(B)/%.o $(B)/libcheck.a $(B)/libentrain.a | $(VERSION)
	$(call say,LINK,$@)
	$(Q)$(call link_test,$(THIRD_LIBS))

# Fuzz targets (CONFIG=fuzz): the pure library, and of the store only the lock, which knows neither MPI nor HDF5.
build-fuzzers: $(FUZZERS)

$(FUZZERS): $(B)/%: $(B)/%.o $(B)/liblock.a $(B)/libpure.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer $^ $(PURE_LIBS) -o $@

# Programs of `make bench`. Further libraries stand in the first line: /* BENCH libs=sundials_cvode,... */.
build-bench: $(BENCHES)

bench_libs = $$(sed -n '1s/.*BENCH.*libs=\([a-z0-9,_-]*\).*/\1/p' $(1) | tr , '\n' | sed 's/^/-l/')
$(BENCHES): $(B)/%: $(B)/%.o $(B)/libbench.a $(B)/libentrain.a | $(VERSION)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $^ $(VERSION) $(call bench_libs,$*.c) $(THIRD_LIBS) -o $@

# Objects follow the compiler's command and the headers they read; the version's also the commit.
$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(COMPILE) -MMD -MP -c $< -o $@

compile_level = $(Q)mkdir -p $(@D) && $(COMPILE) -DENT_ISA_SUFFIX=_$(1) $(2) -MMD -MP -c $< -o $@

$(B)/%_simd.baseline.o: %_simd.c $(B)/flags
	$(call say,CC,"$< baseline")
	$(call compile_level,baseline,)

$(B)/%_simd.v3.o: %_simd.c $(B)/flags
	$(call say,CC,"$< x86-64-v3")
	$(call compile_level,v3,-march=x86-64-v3)

$(B)/%_simd.v4.o: %_simd.c $(B)/flags
	$(call say,CC,"$< x86-64-v4")
	$(call compile_level,v4,-march=x86-64-v4 -mprefer-vector-width=512)

$(B)/src/kernel/%.o $(B)/tests/bench/batch_simd.%.o: private OPTIMIZE := $(OPTIMIZE:-O2=-O3)
# The template of the batch script is a part of the program.
$(B)/src/app/submit_script.o build/check/src/app/submit_script.tidy: $(B)/slurm/entrain.sbatch.inc
$(B)/slurm/entrain.sbatch.inc: slurm/entrain.sbatch
	@mkdir -p $(@D)
	$(Q)od -A n -v -t u1 $< | sed 's/[0-9][0-9]*/&,/g' > $@
$(B)/tests/%.o: private CPPFLAGS += -Itests -Itests/support
$(VERSION): private CPPFLAGS += -DENT_BUILD_COMMIT='"$(shell cat $(B)/commit)"' -DENT_BUILD_FLAGS='"$(strip $(CFLAGS))"'
$(VERSION): $(B)/commit

$(B)/flags: FORCE
	@$(PKG_CONFIG) --exists $(PACKAGES) || { echo "packages are missing: make install-deps" >&2; exit 1; }
	@.ci/write-if-changed $@ '$(COMPILE)'

$(B)/commit: FORCE
	@.ci/write-if-changed $@ "$$(git describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null || echo unknown)"

-include $(wildcard $(B)/src/*/*.d $(B)/tests/*/*.d $(B)/tests/unit/*/*.d)

# The checks; what passed is remembered in build/check until a file it read changes.

check-layers check-sizes check-banned: check-%:
	@.ci/check-$* $(ALL_CODE)

check-format:
	@for file in $(ALL_CODE); do clang-format $$file | cmp -s - $$file || { echo "$$file: needs make format"; bad=1; }; \
	done; [ -z "$$bad" ] && echo "format: good"

LONE_HEADERS := $(filter-out %_list.h,$(HEADERS)) # *_list.h are the registries' lists, included inside a macro
check-headers: $(LONE_HEADERS:%=build/check/%.alone)
	@echo "headers: each of $(words $(LONE_HEADERS)) compiles alone"

build/check/%.h.alone: %.h $(HEADERS) $(B)/flags
	@mkdir -p $(@D)
	@$(COMPILE) -fsyntax-only -x c $< && touch $@

check-tidy: $(patsubst %.c,build/check/%.tidy,$(wildcard src/*/*.c))
	@echo "tidy: good"

build/check/%.tidy: %.c .clang-tidy $(B)/flags
	@mkdir -p $(@D)
	@$(COMPILE) -MM -MP -MT $@ -MF $@.d $<
	@clang-tidy --quiet $< -- -std=c11 -D_GNU_SOURCE -Iinclude -I$(B)/slurm $(THIRD_INCLUDE) > $@.log 2>&1 \
	  || { cat $@.log; exit 1; }
	@touch $@

-include $(wildcard build/check/src/*/*.d)
