# blkring: a crash-safe ring buffer on a block device or a file.
# 'make help' lists the targets and the settings.

VERSION := 0.1.0
SO_MAJOR := 0

PREFIX ?= /usr/local
DESTDIR ?=
INCLUDEDIR ?= $(PREFIX)/include
LIBDIR ?= $(PREFIX)/lib
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions

ifeq ($(origin CC),default)
CC := gcc
endif
PKG_CONFIG ?= pkg-config
CLANG_FORMAT ?= clang-format

# ---- variants: each compiler and sanitizer has its own objects ------------

comma := ,
san_address := asan
san_thread := tsan
san_undefined := ubsan
san_first := $(firstword $(subst $(comma), ,$(SANITIZE)))
variant := $(if $(findstring clang,$(CC)),clang) \
	$(if $(SANITIZE),$(or $(san_$(san_first)),$(san_first)))
empty :=
variant := $(subst $(empty) ,-,$(strip $(variant)))
B := build$(if $(variant),/$(variant))

# ---- flags ----------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wconversion -Werror
CFLAGS ?= -O2 -g
san_flags := $(if $(SANITIZE),-fsanitize=$(SANITIZE) \
	-fno-sanitize-recover=all -fno-omit-frame-pointer)

lib_pkgs := liburing blkid
lib_cflags := $(shell $(PKG_CONFIG) --cflags $(lib_pkgs) 2>/dev/null)
lib_libs := $(shell $(PKG_CONFIG) --libs $(lib_pkgs) 2>/dev/null) \
	-laio -lm -pthread
tool_cflags := $(shell $(PKG_CONFIG) --cflags jansson 2>/dev/null)
tool_libs := $(shell $(PKG_CONFIG) --libs jansson 2>/dev/null)
test_cflags := $(shell $(PKG_CONFIG) --cflags cmocka 2>/dev/null)
test_libs := $(shell $(PKG_CONFIG) --libs cmocka 2>/dev/null)

# What the sources need whatever CFLAGS says.
base_cflags := -std=c11 -D_GNU_SOURCE -I. $(WARNINGS) -fvisibility=hidden \
	-fPIC -pthread $(san_flags)
compile = $(CC) $(base_cflags) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
link = $(CC) $(san_flags) $(CFLAGS) $(LDFLAGS)

# ---- what there is --------------------------------------------------------

lib_src := $(wildcard ring/*.c journal/*.c generator/*.c)
ringgen_src := $(wildcard tools/ringgen*.c)
tool_src := $(filter-out $(ringgen_src) tools/meter.c,$(wildcard tools/*.c))
testlib_src := $(wildcard tests/lib/*.c)
unit_src := $(wildcard tests/unit/test_*.c)

lib_obj := $(lib_src:%.c=$(B)/%.o) $(B)/generator/compiled_headers.o
tool_obj := $(tool_src:%.c=$(B)/%.o)
ringgen_obj := $(ringgen_src:%.c=$(B)/%.o) $(addprefix $(B)/tools/,deadline.o \
	doc.o human.o meter.o option_line.o option_ring.o option_word.o \
	progress.o standard_fds.o stop.o units.o)
testlib_obj := $(testlib_src:%.c=$(B)/%.o)
unit_obj := $(unit_src:%.c=$(B)/%.o)
unit_bin := $(unit_src:tests/unit/%.c=$(B)/tests/%)
all_obj := $(lib_obj) $(sort $(tool_obj) $(ringgen_obj)) $(testlib_obj) $(unit_obj)

# The archive for the build has all symbols, for the tests; the one to install
# has the public ones only.
archive := $(B)/libblkring.a
public_archive := $(B)/public/libblkring.a
so_name := libblkring.so.$(SO_MAJOR)
so_file := libblkring.so.$(VERSION)
shared := $(B)/$(so_file)
programs := $(B)/ringctl $(B)/ringgen

public_headers := ring/ring.h ring/ring_io.h ring/ring_system.h \
	ring/ring_error.h
journal_headers := journal/journal.h
generator_headers := generator/generator.h
man1 := $(wildcard docs/*.1)
man3 := $(wildcard docs/*.3)
completions := $(wildcard tools/completion/*.bash)
c_files := $(wildcard ring/*.[ch] journal/*.[ch] generator/*.[ch] \
	tools/*.[ch] tests/*/*.[ch])

V ?= 0
Q := $(if $(filter 0,$(V)),@)
say = $(if $(filter 0,$(V)),@printf '  %-6s %s\n' '$(1)' '$@')

# ---- build ----------------------------------------------------------------

.PHONY: all lib tests check check-asan bench demo deps install uninstall clean \
	help format check-format check-man tidy
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

all: lib $(programs)

lib: $(archive) $(public_archive) $(shared) $(B)/$(so_name) \
	$(B)/libblkring.so

tests: all $(unit_bin) $(B)/crashtest

# Says what to install, once per build tree, before a compiler has to.
$(B)/deps.ok: tools/deps.sh
	@sh tools/deps.sh --check build
	@mkdir -p $(@D)
	@touch $@

$(lib_obj): base_cflags += $(lib_cflags)
$(sort $(tool_obj) $(ringgen_obj)): base_cflags += $(tool_cflags) -DBLKRING_VERSION='"$(VERSION)"'
$(testlib_obj) $(unit_obj): base_cflags += $(lib_cflags) $(test_cflags)

# Taken only where the processor has it.
ifneq ($(filter x86_64%,$(shell $(CC) -dumpmachine)),)
$(B)/ring/checksum_avx2.o: base_cflags += -mavx2
endif

$(B)/%.o: %.c Makefile | $(B)/deps.ok
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(compile)

# What compiled programs are made of, as a string (generator/emit_c.h).
compiled_headers := $(addprefix generator/,rng.h machine.h control.h \
	op_draw.h op_put.h op_fused.h)

$(B)/generator/compiled_headers.c: $(compiled_headers) Makefile
	@mkdir -p $(@D)
	$(call say,GEN)
	$(Q){ echo '#include "generator/emit_c.h"'; \
		echo 'const char gen_compiled_headers[] ='; \
		sed -e '/^#include "/d' -e 's/[\\"]/\\&/g' \
			-e 's/.*/"&\\n"/' $(compiled_headers); \
		echo ';'; } >$@

$(B)/generator/compiled_headers.o: $(B)/generator/compiled_headers.c \
		| $(B)/deps.ok
	$(call say,CC)
	$(Q)$(compile)

$(archive): $(lib_obj)
	$(call say,AR)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $(lib_obj)

$(public_archive): $(lib_obj)
	@mkdir -p $(@D)
	$(call say,AR)
	$(Q)rm -f $@
	$(Q)$(LD) -r -o $(@D)/blkring.o $(lib_obj)
	$(Q)objcopy --localize-hidden $(@D)/blkring.o
	$(Q)$(AR) rcs $@ $(@D)/blkring.o

$(shared): $(lib_obj) ring/libblkring.map
	$(call say,LD)
	$(Q)$(link) -shared -Wl,-soname,$(so_name) \
		-Wl,--version-script,ring/libblkring.map \
		$(if $(SANITIZE),,-Wl$(comma)-z$(comma)defs) \
		-o $@ $(lib_obj) $(lib_libs)

$(B)/$(so_name) $(B)/libblkring.so: $(shared)
	$(Q)ln -sf $(so_file) $@

$(B)/ringctl: $(tool_obj) $(archive)
	$(call say,LD)
	$(Q)$(link) -o $@ $(tool_obj) $(archive) $(lib_libs) $(tool_libs)

$(B)/ringgen: $(ringgen_obj) $(archive)
	$(call say,LD)
	$(Q)$(link) -o $@ $(ringgen_obj) $(archive) $(lib_libs) $(tool_libs)

$(unit_bin): $(B)/tests/%: $(B)/tests/unit/%.o $(testlib_obj) $(archive)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(link) -o $@ $< $(testlib_obj) $(archive) $(lib_libs) $(test_libs)

# Rates are told by the command, and tested with those that are kept.
$(B)/tests/test_gen_rate: $(B)/tools/meter.o
$(B)/tests/test_gen_rate: test_libs += $(B)/tools/meter.o

# It refuses threads.
$(B)/tests/test_gen_threads: test_libs += -Wl,--wrap=pthread_create

# It learns of threads that go to sleep.
$(B)/tests/test_journal_threads: \
	test_libs += -Wl,--wrap=poll,--wrap=pthread_cond_wait

$(B)/tests/test_deadline: test_libs += $(B)/tools/deadline.o
$(B)/tests/test_deadline: $(B)/tools/deadline.o

report_obj := $(addprefix $(B)/tools/,deadline.o doc.o human.o meter.o \
	progress.o ringgen_report.o)
$(B)/tests/test_ringgen_report: test_libs += $(report_obj) $(tool_libs)
$(B)/tests/test_ringgen_report: $(report_obj)

-include $(all_obj:.o=.d)

# Another reader of JSON.
$(B)/tests/unit/test_gen_json.o: base_cflags += $(tool_cflags)
$(B)/tests/test_gen_json: test_libs += $(tool_libs)

# ---- the fault sweep: stands between the library and the system -----------

swept := pread pwrite fdatasync fsync ftruncate fallocate open stat fstat \
	fcntl posix_fadvise getrandom inotify_init1 inotify_add_watch \
	epoll_create1 epoll_ctl timerfd_create timerfd_settime pthread_create \
	calloc aligned_alloc strdup
sweep_obj := $(patsubst %.c,$(B)/%.o,$(wildcard tests/sweep/*.c))

$(sweep_obj): base_cflags += $(test_cflags)
$(B)/tests/test_sweep: test_libs += $(sweep_obj) $(swept:%=-Wl,--wrap=%)
$(B)/tests/test_sweep: $(sweep_obj) $(B)/libblkring.so

-include $(sweep_obj:.o=.d)

# The generator's has its own, as it calls other things.
gen_swept := malloc calloc realloc aligned_alloc strdup strndup free write \
	fsync openat renameat2 fcntl pipe2 pidfd_open mmap syscall
gen_sweep_obj := $(B)/tests/gen_sweep/gen_calls.o

$(gen_sweep_obj): base_cflags += $(test_cflags)
$(B)/tests/test_gen_sweep: test_libs += $(gen_sweep_obj) \
	$(gen_swept:%=-Wl,--wrap=%)
$(B)/tests/test_gen_sweep: $(gen_sweep_obj) $(B)/libblkring.so

-include $(gen_sweep_obj:.o=.d)

# ---- power cuts: a simulated device, see tests/powercut/run.sh ------------

powercut_src := $(addprefix tests/powercut/,powercut.c produce.c consume.c \
	verify.c stale.c ledger.c host.c) tests/lib/draw.c
powercut_obj := $(powercut_src:%.c=$(B)/%.o)
medium_obj := $(addprefix $(B)/tests/powercut/,volatile_cache.o medium.o) \
	$(B)/tests/lib/draw.o

$(B)/tests/powercut/powercut: $(powercut_obj) $(archive)
	$(call say,LD)
	$(Q)$(link) -o $@ $(powercut_obj) $(archive) $(lib_libs)

$(B)/tests/powercut/volatile_cache.so: $(medium_obj)
	$(call say,LD)
	$(Q)$(link) -shared -o $@ $(medium_obj)

-include $(powercut_obj:.o=.d) $(medium_obj:.o=.d)

.PHONY: powercut
powercut:
	@sh tools/deps.sh powercut
	@$(MAKE) --no-print-directory all $(B)/tests/powercut/powercut \
		$(B)/tests/powercut/volatile_cache.so
	@BUILD=$(B) sh tests/powercut/run.sh $(CUTS)

# ---- a journal to be killed: see tests/kill/journal.sh --------------------

journal_victim := $(B)/tests/kill/journal_victim

$(journal_victim): $(B)/tests/kill/journal_victim.o $(archive)
	$(call say,LD)
	$(Q)$(link) -o $@ $< $(archive) $(lib_libs)

tests: $(journal_victim)

-include $(journal_victim).d

# ---- fuzzing: see tests/fuzz/run.sh ---------------------------------------

fuzz_src := $(wildcard tests/fuzz/fuzz_*.c)
fuzz_bin := $(fuzz_src:%.c=$(B)/%)
fuzz_lib_src := $(addprefix tests/fuzz/,fuzz.c script.c ring_image.c \
	good_ring.c) \
	$(addprefix tests/lib/,image.c slot_image.c chain_scene.c mem_disk.c \
	fake_system.c draw.c)
fuzz_lib_obj := $(fuzz_lib_src:%.c=$(B)/%.o)

# Where the inputs come from: a main() that replays files, or libFuzzer.
FUZZER ?=
fuzz_main := $(if $(FUZZER),,$(B)/tests/fuzz/replay.o)
link_fuzz = $(link) $(if $(FUZZER),-fsanitize=fuzzer) -o $@

tests fuzz-targets: $(fuzz_bin)

$(filter-out %_options,$(fuzz_bin)): \
		$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(fuzz_lib_obj) \
		$(fuzz_main) $(archive)
	$(call say,LD)
	$(Q)$(link_fuzz) $(filter %.o,$^) $(archive) $(lib_libs)

# All of ringctl, with the target's hands on it: see fuzz_options.c.
$(B)/tests/fuzz/fuzz_options: $(B)/tests/fuzz/fuzz_options.o \
		$(B)/tests/fuzz/fuzz.o $(tool_obj) $(fuzz_main) $(archive)
	$(call say,LD)
	$(Q)objcopy --redefine-sym main=ringctl_main $(B)/tools/ringctl.o \
		$(B)/tests/fuzz/ringctl.o
	$(Q)$(link_fuzz) -Wl,--wrap=options_parse \
		$(filter-out %/tools/ringctl.o,$(filter %.o,$^)) \
		$(B)/tests/fuzz/ringctl.o $(archive) $(lib_libs) $(tool_libs)

$(B)/tests/fuzz/fuzz_options.o: base_cflags += $(tool_cflags)

-include $(fuzz_bin:%=%.d) $(fuzz_lib_obj:.o=.d)

FUZZ_TIME ?= 60

.PHONY: fuzz fuzz-targets
fuzz:
	@sh tools/deps.sh fuzz || true # without them it is skipped
	@MAKE='$(MAKE)' sh tests/fuzz/run.sh $(FUZZ_TIME)

# ---- latent faults of the storage: see tests/latent/latent.c ---------------

latent_src := $(wildcard tests/latent/*.c)
latent_obj := $(latent_src:%.c=$(B)/%.o)

$(latent_obj): base_cflags += $(lib_cflags)

$(B)/latent: $(latent_obj) $(addprefix $(B)/tests/lib/,mem_disk.o \
		fake_system.o draw.o image.o) $(archive)
	$(call say,LD)
	$(Q)$(link) -o $@ $^ $(lib_libs)

tests: $(B)/latent

-include $(latent_obj:.o=.d)

# ---- crashes: every state of small workloads, see tests/crash/main.c ------

crash_src := $(wildcard tests/crash/*.c) $(addprefix tests/lib/,sim_disk.c \
	sim_io.c fake_system.c ring_model.c crash_judge.c draw.c \
	journal_crash.c journal_record.c)
crash_obj := $(crash_src:%.c=$(B)/%.o)
$(crash_obj): base_cflags += $(lib_cflags)

$(B)/crashtest: $(crash_obj) $(archive)
	$(call say,LD)
	$(Q)$(link) -o $@ $(crash_obj) $(archive) $(lib_libs)

-include $(crash_obj:.o=.d)

.PHONY: check-long
check-long: $(B)/crashtest
	$(B)/crashtest --long

# ---- golden images: made once, see tests/golden/make.sh --------------------

golden_make := $(B)/tests/golden/make

$(golden_make): $(B)/tests/golden/make.o $(testlib_obj) $(archive)
	$(call say,LD)
	$(Q)$(link) -o $@ $< $(testlib_obj) $(archive) $(lib_libs) $(test_libs)

tests: $(golden_make)

-include $(B)/tests/golden/make.d

# ---- benchmarks: see tests/bench/bench.c -----------------------------------

bench_pkgs := lmdb sqlite3 rocksdb
bench_src := $(wildcard tests/bench/*.c)
bench_obj := $(bench_src:%.c=$(B)/%.o)
bench_tool_obj := $(addprefix $(B)/tools/,measure.o stop.o units.o \
	bench_reader.o bench_ring.o) $(B)/ring/checksum.o \
	$(B)/ring/checksum_avx2.o
bench_bin := $(B)/tests/bench/bench

$(bench_obj): base_cflags += $(lib_cflags) $(tool_cflags)
$(B)/tests/bench/machine.o: base_cflags += -DROCKSDB_VERSION='"$(shell \
	$(PKG_CONFIG) --modversion rocksdb 2>/dev/null)"'

$(bench_bin): $(bench_obj) $(bench_tool_obj) $(archive)
	$(call say,LD)
	$(Q)$(link) -o $@ $^ $(lib_libs) $(tool_libs) \
		$(shell $(PKG_CONFIG) --libs $(bench_pkgs)) -lm

# What the row cpu looks at.
hot_bin := $(B)/tests/bench/hot

$(hot_bin): $(B)/tests/hot/hot.o $(archive)
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(link) -o $@ $^ $(lib_libs)

tests: $(hot_bin)

-include $(B)/tests/hot/hot.d

# Where the peers are there, it is built with the tests, so that it doesn't rot.
tests: $(shell $(PKG_CONFIG) --exists $(bench_pkgs) && echo $(bench_bin))

-include $(bench_obj:.o=.d)

# A ring at full speed for a long time: see tests/long/long.c.
BENCH_LONG ?= 600
long_bin := $(B)/tests/bench/long
long_obj := $(addprefix $(B)/,tests/long/long.o tests/bench/drainer.o \
	tools/measure.o tools/stop.o)

$(long_bin): $(long_obj) $(archive)
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(link) -o $@ $^ $(lib_libs)

tests: $(long_bin)

-include $(B)/tests/long/long.d

.PHONY: bench-long
bench-long: $(long_bin)
	$(long_bin) $(B)/long.ring $(BENCH_LONG)

# A make of its own after deps: pkg-config may only now know the peers.
bench:
	@sh tools/deps.sh bench
	@$(MAKE) --no-print-directory all $(bench_bin) $(hot_bin)
	@sh tests/bench/run.sh $(B)

# ---- check ----------------------------------------------------------------

# A make of its own after deps: pkg-config may only now exist.
check: deps
	@MAKE='$(MAKE)' sh tests/run_all.sh

check-asan: deps
	@MAKE='$(MAKE)' sh tests/run_all.sh asan

# Break the library on purpose; the tests must notice.
.PHONY: mutants
mutants: all $(unit_bin)
	@MAKE='$(MAKE)' BUILD=$(B) sh tests/mutants/run.sh $(MUTANTS)

demo:
	@sh tools/deps.sh build
	@$(MAKE) --no-print-directory all
	@bash tools/demo.sh

deps:
	@sh tools/deps.sh

format:
	$(CLANG_FORMAT) -i $(c_files)

check-format:
	$(CLANG_FORMAT) --dry-run -Werror $(c_files)

tidy:
	cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr \
		--enable=warning,performance,portability -I. -D_GNU_SOURCE \
		ring journal generator tools

# groff warns and still succeeds, so any word of it is a failure.
check-man:
	@! for page in $(man1) $(man3); do \
		groff -man -Tutf8 -rLL=78n -ww -z $$page 2>&1; done | grep .

# ---- install --------------------------------------------------------------

installed = $(addprefix $(INCLUDEDIR)/ring/,$(notdir $(public_headers))) \
	$(addprefix $(INCLUDEDIR)/,$(journal_headers) $(generator_headers)) \
	$(addprefix $(LIBDIR)/,libblkring.a $(so_file) $(so_name) \
		libblkring.so pkgconfig/blkring.pc) \
	$(addprefix $(BINDIR)/,ringctl ringgen datasino) \
	$(addprefix $(MANDIR)/man1/,$(notdir $(man1))) \
	$(addprefix $(MANDIR)/man3/,$(notdir $(man3))) \
	$(addprefix $(COMPLETIONDIR)/,$(notdir $(completions:.bash=)))

# Below the prefix where possible: pkg-config can then move the whole tree.
below_prefix = $(patsubst $(PREFIX)/%,$${prefix}/%,$(1))
pc_edit = -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' \
	-e 's|@LIBDIR@|$(call below_prefix,$(LIBDIR))|' \
	-e 's|@INCLUDEDIR@|$(call below_prefix,$(INCLUDEDIR))|'

put = install -m $(1) -D -t $(DESTDIR)$(2) $(3)

install: all
	$(call put,644,$(INCLUDEDIR)/ring,$(public_headers))
	$(call put,644,$(INCLUDEDIR)/journal,$(journal_headers))
	$(call put,644,$(INCLUDEDIR)/generator,$(generator_headers))
	$(call put,644,$(LIBDIR),$(public_archive))
	$(call put,755,$(LIBDIR),$(shared))
	ln -sf $(so_file) $(DESTDIR)$(LIBDIR)/$(so_name)
	ln -sf $(so_name) $(DESTDIR)$(LIBDIR)/libblkring.so
	mkdir -p $(DESTDIR)$(LIBDIR)/pkgconfig
	sed $(pc_edit) ring/blkring.pc.in \
		>$(DESTDIR)$(LIBDIR)/pkgconfig/blkring.pc
	$(call put,755,$(BINDIR),$(programs))
	ln -sf ringgen $(DESTDIR)$(BINDIR)/datasino
	$(if $(man1),$(call put,644,$(MANDIR)/man1,$(man1)))
	$(if $(man3),$(call put,644,$(MANDIR)/man3,$(man3)))
	$(foreach f,$(completions),install -m 644 -D $(f) \
		$(DESTDIR)$(COMPLETIONDIR)/$(notdir $(f:.bash=)) &&) true

uninstall:
	rm -f $(addprefix $(DESTDIR),$(installed))
	for dir in ring journal generator; do \
		if [ -d $(DESTDIR)$(INCLUDEDIR)/$$dir ]; then \
			rmdir $(DESTDIR)$(INCLUDEDIR)/$$dir; fi; done

clean:
	rm -rf build

# ---- help -----------------------------------------------------------------

help:
	@echo 'Targets:'
	@echo '  all         the library, ringctl and ringgen, in build/ (default)'
	@echo '  tests       also the unit test programs, in build/tests/'
	@echo '  fuzz        fuzz each decoder and all that reads images (clang)'

	@echo '  mutants     break the library in many ways; the tests must notice'
	@echo '  powercut    cut the power of a simulated device 200 times (root)'
	@echo '  bench       measure the ring beside the raw disk and other libraries'
	@echo '  bench-long  a ring at full speed for ten minutes: does it drift?'
	@echo '  demo        install what is missing, build, show it at work'
	@echo '  check       install what is missing, build, run every test'
	@echo '  check-long  visit a million crash states of small workloads'
	@echo '  check-asan  only the tests under ASan and UBSan'
	@echo '  deps        install what is missing (Debian: apt-get)'
	@echo '  install     to DESTDIR and PREFIX; uninstall takes it away'
	@echo '  format      run clang-format on the sources'
	@echo '  tidy        static analysis (cppcheck)'
	@echo '  clean       remove build/'
	@echo 'Settings:'
	@echo '  V=1         show the commands'
	@echo '  CC=clang    another compiler (objects in build/clang/)'
	@echo '  SANITIZE=address,undefined   (objects in build/asan/)'
	@echo '  FUZZ_TIME=S seconds for each fuzz target (default: 60)'
	@echo '  BENCH_LONG=S seconds of bench-long (default: 600)'
	@echo '  BENCH_ROW=R measure only this row, e.g. publish-1; BENCH_ROUNDS=N'
	@echo '  CFLAGS, CPPFLAGS, LDFLAGS    added to what is needed'
	@echo '  PREFIX=$(PREFIX)  DESTDIR=$(DESTDIR)'
	@echo '  DEMO_INPUT=FILE   what the demo sends through the ring'
