# erpsync: one Makefile, not recursive. `make help` lists what it can do.
PROFILE ?= release
TARGET ?= linux
B := build/$(if $(filter linux,$(TARGET)),$(PROFILE),$(TARGET))
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
VERSION := 0.1.0
JOBS := -j$(shell nproc)

# Packages are checked (for the README's commands: installed) before the first
# compile; the result also carries pkg-config's flags.
GOALS := $(if $(MAKECMDGOALS),$(MAKECMDGOALS),all)
DEPS_MODE := $(if $(filter check quickstart bench deps,$(GOALS)),install,check)
ifneq ($(filter-out clean help $(ARGS:--help=bench),$(GOALS)),)
include $(if $(filter linux,$(TARGET)),build/libs.mk,build/$(TARGET)/libs.mk)
endif

WARN := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wundef \
	-Wvla -Wformat=2 -Wcast-qual -Wcast-align -Wwrite-strings \
	-Wpointer-arith -Wswitch-enum -Wnull-dereference -fno-common -Werror
HARDEN := -fstack-protector-strong
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
ifeq ($(PROFILE),release)
OPT := -O2 -g -D_FORTIFY_SOURCE=2
else ifeq ($(PROFILE),asan)
# Instrumented code misleads gcc's idea of how long a string can be.
OPT := -O1 -g $(SANITIZE) -fno-omit-frame-pointer -Wno-format-truncation
LDOPT := $(SANITIZE)
else ifeq ($(PROFILE),clang)
CC := clang
OPT := -O1 -g
else ifeq ($(PROFILE),fuzz)
CC := clang
OPT := -O1 -g $(SANITIZE) -fsanitize=fuzzer-no-link
LDOPT := $(SANITIZE)
else
OPT := -O0 -g
endif
ifeq ($(findstring clang,$(shell $(CC) --version 2>/dev/null)),)
WARN += -Wlogical-op -Wduplicated-cond -Wduplicated-branches
endif
PIC := -fPIE
ALL_CFLAGS = -std=c11 -D_DEFAULT_SOURCE -I. $(OPT) $(HARDEN) $(PIC) $(WARN) \
	-DERPSYNC_VERSION='"$(VERSION)"' $(LIB_CFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now $(LDOPT) $(LDFLAGS)

# Sources of other systems have the system in their names; targets that are one
# file are built without libbsd and OpenSSL.
OTHERS_linux := %_win32.c engine/base/fs_win32% %_bsd.c %_musl.c %_librsync.c
OTHERS_linux-static := %_win32.c engine/base/fs_win32% %_openssl.c
OTHERS_win64 := %_posix.c %_openssl.c %_musl.c engine/base/fs_posix% \
	engine/base/fs_linux% cli/log.c
OTHERS := $(OTHERS_$(TARGET))
sources = $(filter-out $(OTHERS),$(sort $(wildcard $(1))))
ENGINE_SRC := $(call sources,engine/*/*.c engine/*/*/*.c)
TRANSPORT_SRC := $(call sources,transport/*/*.c)
CLI_SRC := $(call sources,cli/*.c cli/*/*.c)

# By role: what only a station needs, what only a server needs, and the rest.
STATION_SRC := $(call sources,engine/apply/*.c transport/station/*.c \
	transport/api/folder*.c transport/api/update*.c \
	$(addprefix transport/net/,channel_tls_client.c \
	channel_tls_ticket.c dial.c link.c lookup.c patience.c retry.c \
	secure.c sock_dial_*.c))
SERVER_SRC := $(sort $(wildcard engine/store/*.c engine/release/*.c \
	transport/server/*.c transport/host/*.c \
	transport/api/serve*.c transport/api/publish*.c \
	transport/api/make_key.c transport/net/channel_tls_server.c \
	transport/net/channel_tls_key.c) \
	$(addprefix engine/delta/patch/patch_,choose.c clip.c index.c make.c \
	parse.c project.c quick.c span.c streams.c) \
	$(addprefix engine/delta/project/project_,choose.c elf.c find.c \
	list.c macho.c pe.c))
BOTH_SRC := $(filter-out $(STATION_SRC) $(SERVER_SRC), \
	$(ENGINE_SRC) $(TRANSPORT_SRC))

SUPPORT_SRC := $(sort $(wildcard tests/support/*.c))
UNIT_SRC := $(sort $(wildcard tests/unit/*.c))
PROVE_SRC := $(sort $(wildcard tests/prove/*.c tests/support/fs_sim*.c \
	tests/support/alloc_wrap.c tests/support/hashed.c))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))

# V=1 shows whole commands.
Q := $(if $(V),,@)
say = $(if $(V),:,printf '  %-5s %s\n' $(1) $(2))

LIB := $(B)/libinternal.a
BIN := $(B)/erpsync
FUZZ := $(patsubst tests/fuzz/%.c,$(B)/%,$(FUZZ_SRC))
comma := ,
obj = $(patsubst %.c,$(B)/%.o,$(1))
CLI_OBJ := $(call obj,$(CLI_SRC))
# Modules of cli/ that unit tests reach: all but the commands.
CLI_TESTED := $(filter-out $(B)/cli/main.o $(B)/cli/station_job%.o \
	$(B)/cli/station_options.o $(B)/cli/doctor/doctor_dir.o \
	$(B)/cli/cmd_%.o $(B)/cli/role/%.o, \
	$(CLI_OBJ))
# Each program is main with one table of commands; the rest comes as needed.
CLI_ENTRY := $(B)/cli/main.o $(B)/cli/role/role_%.o
entry = $(B)/cli/main.o $(B)/cli/role/role_$(1).o

ifneq ($(TARGET),linux)
include $(if $(filter win64,$(TARGET)),win64.mk,static.mk)
endif

.PHONY: all
all: $(BIN) ## build the program (PROFILE=release|debug|asan|clang)

PKGS := jansson libbsd libcrypto libdivsufsort libevent libevent_pthreads liblzma \
	libssl libutf8proc libzstd zlib
build/libs.mk: .ci/packages .ci/deps Makefile
	@mkdir -p build
	@sh .ci/deps $(DEPS_MODE)
	@{ echo "LIB_CFLAGS := $$(pkg-config --cflags $(PKGS))"; \
	   echo "LIBS := $$(pkg-config --libs $(PKGS)) -lrsync -lpthread"; } > $@

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Of the library nothing can be seen but what erpsync.h declares.
LIB_OBJ := $(call obj,$(ENGINE_SRC) $(TRANSPORT_SRC))
$(LIB_OBJ): PIC := -fPIC -fvisibility=hidden
$(LIB): $(LIB_OBJ)
	@rm -f $@
	@$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $^

$(B)/cli.a: $(filter-out $(CLI_ENTRY),$(CLI_OBJ))
$(B)/station.a: $(call obj,$(BOTH_SRC) $(STATION_SRC))
$(B)/server.a: $(call obj,$(BOTH_SRC) $(SERVER_SRC))
$(B)/%.a:
	@rm -f $@
	@$(call say,AR,$@)
	$(Q)$(AR) rcsT $@ $^

$(B)/erpsync.exe: $(call entry,station) $(B)/cli.a $(B)/station.a
ifeq ($(TARGET),linux)
$(B)/erpsync: $(call entry,all) $(B)/cli.a $(LIB)
else
$(B)/erpsync: $(call entry,station) $(B)/cli.a $(B)/station.a
endif
$(BIN):
	@$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

.PHONY: library
library: $(B)/liberpsync.so.0 $(B)/liberpsync.a $(B)/erpsync.pc ## build liberpsync, shared and static
LIBRARY_LIBS = $(filter-out -ljansson,$(LIBS))
$(B)/liberpsync.so.0: $(LIB_OBJ)
	@$(call say,LD,$@)
	$(Q)$(CC) -shared -Wl,-soname,liberpsync.so.0,-z,defs,-z,relro,-z,now \
		$(LDFLAGS) -o $@ $^ $(LIBRARY_LIBS)
	$(Q)ln -sf liberpsync.so.0 $(B)/liberpsync.so
$(B)/liberpsync.a: $(LIB_OBJ)
	@rm -f $@
	@$(call say,AR,$@)
	$(Q)$(CC) -r -nostdlib -o $(B)/liberpsync.o $^
	$(Q)objcopy --localize-hidden $(B)/liberpsync.o
	$(Q)$(AR) rcs $@ $(B)/liberpsync.o
$(B)/erpsync.pc: Makefile build/libs.mk
	@printf '%s\n' 'prefix=$${pcfiledir}/../..' 'includedir=$${prefix}/include' \
		'libdir=$${prefix}/lib' '' 'Name: erpsync' \
		'Description: client folders kept equal to a server release' \
		'Version: $(VERSION)' 'Cflags: -I$${includedir}' \
		'Libs: -L$${libdir} -lerpsync' \
		'Libs.private: $(LIBRARY_LIBS)' >$@

.PHONY: station server
station: $(B)/erpsync-station ## build a program for stations only
server: $(B)/erpsync-server ## build one for servers only
$(B)/erpsync-station: LIBS := $(filter-out -levent% -ldivsufsort,$(LIBS))
.SECONDARY: $(filter $(CLI_ENTRY),$(CLI_OBJ))
$(B)/erpsync-%: $(B)/cli/main.o $(B)/cli/role/role_%.o $(B)/cli.a $(B)/%.a
	@$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# Allocations of ours can be made to fail, those of libraries cannot.
ALLOC_WRAP := $(addprefix -Wl$(comma)--wrap=,malloc calloc realloc \
	reallocarray strdup strndup free)
UNIT_WRAP := $(ALLOC_WRAP) -Wl,--wrap=getaddrinfo
$(B)/unit: $(call obj,$(UNIT_SRC) $(SUPPORT_SRC)) $(CLI_TESTED) $(LIB)
	@$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $(UNIT_WRAP) -o $@ $^ $(LIBS) -lcriterion

# Built so that the proof can tell who asks for a sync.
PROVED := $(patsubst %.c,$(B)/proved/%.o,$(wildcard engine/apply/*.c \
	engine/store/*.c))
$(B)/proved/%.o: %.c
	@mkdir -p $(@D)
	@$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -fno-inline -fno-optimize-sibling-calls \
		-MMD -MP -c -o $@ $<
$(B)/prove: $(call obj,$(PROVE_SRC)) $(PROVED) $(LIB)
	@$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $(ALLOC_WRAP) -Wl,--wrap=getpwuid_r -o $@ $^ $(LIBS)

# Callers who mean harm, a server that does, and very many callers, for the
# end-to-end tests.
$(B)/mob $(B)/villain $(B)/load: $(B)/%: $(B)/tests/e2e/%.o $(B)/tests/support/mob.o $(LIB)
	@$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# What only the benchmarks use.
BENCH := $(patsubst %.c,$(B)/%,$(wildcard bench/*.c))
$(BENCH): $(B)/bench/%: $(B)/bench/%.o $(LIB)
	@$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
.PHONY: bench-tools
bench-tools: $(BENCH)

# Each fuzz target: with libFuzzer in PROFILE=fuzz, else with our driver.
ifeq ($(PROFILE),fuzz)
$(FUZZ): LDOPT += -fsanitize=fuzzer
else
$(FUZZ): $(B)/tests/fuzz/driver.o
endif
$(FUZZ): $(B)/%: $(B)/tests/fuzz/%.o $(B)/tests/support/streams.o \
		$(B)/tests/support/packed.o $(CLI_TESTED) \
		$(LIB)
	@$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

.PHONY: deps unit check quickstart bench
deps: ## install the Debian packages that are missing, for tests too
	@sh .ci/deps install packages-check

unit: $(B)/unit ## unit tests (T='module/*' picks some)
	$(B)/unit $(if $(T),--filter '$(T)')

check: ## the whole test suite; ends with the count
	@sh .ci/deps install packages-check
	@$(MAKE) -s $(JOBS) PROFILE=release all library station server \
		build/release/unit
	@$(MAKE) -s $(JOBS) PROFILE=clang all build/clang/unit
	@$(MAKE) -s $(JOBS) PROFILE=asan all build/asan/unit fuzz-targets
	@$(MAKE) -s $(JOBS) PROFILE=debug build/debug/unit
	@CC="$(CC)" tests/run

quickstart: ## build all and show one whole update on a sample
	@$(MAKE) -s $(JOBS) PROFILE=release all
	@tests/e2e/quickstart build/release/erpsync

bench: ## measure against rsync and others (ARGS=--help)
ifneq ($(filter --help,$(ARGS)),)
	@bench/run --help
else
	@sh .ci/deps install packages-bench
	@$(MAKE) -s $(JOBS) PROFILE=release all bench-tools
	@bench/run build/release/erpsync $(ARGS)
endif

.PHONY: prove prove-short
prove: ## no crash, power cut or failing call leaves half an update
	@$(MAKE) -s $(JOBS) all
	@PROFILE=$(PROFILE) tests/prove/run
	@tests/prove/real/run $(BIN) --kills 300 --cuts 500
	@tests/prove/real/run $(BIN) --each 60 --kills 40 --cuts 300
prove-short: ## the same on fewer states, within a minute
	@PROFILE=$(PROFILE) tests/prove/run --short

.PHONY: wine wine-real static
static: ## build and try a station for any Linux
	@$(MAKE) -s $(JOBS) PROFILE=release all
	@tests/static/run
wine: ## build and try a station for Windows, as far as wine can tell
	@$(MAKE) -s $(JOBS) PROFILE=release all
	@tests/win32/run
wine-real: ## the same updates with packages that npm's registry has
	@$(MAKE) -s $(JOBS) PROFILE=release all
	@WINE_REAL=$${ERPSYNC_PAIRS:-build/pairs} tests/win32/run windows_pairs

.PHONY: valgrind
valgrind: ## all unit tests under memcheck (check runs some)
	@$(MAKE) -s $(JOBS) PROFILE=debug build/debug/unit
	@tests/check/valgrind build/debug '*/*'

.PHONY: fuzz-targets fuzz
fuzz-targets: $(FUZZ)
fuzz: ## 60 s of libFuzzer for each target
	@$(MAKE) -s $(JOBS) PROFILE=fuzz fuzz-targets
	@tests/fuzz/run build/fuzz 60

.PHONY: mutate mutate-parts
mutate: ## wrong lines that no test notices (ARGS='SEED[,SEED...] [COUNT [FOLDER,...]]')
	@tests/check/mutate $(ARGS)
mutate-parts: $(B)/unit
	$(info compile: $(CC) $(ALL_CFLAGS))
	$(info link: $(CC) $(ALL_LDFLAGS))
	$(info libs: $(LIBS))
	$(info unit_with: $(UNIT_WRAP) -lcriterion)
	$(info prove_with: $(ALLOC_WRAP) -Wl,--wrap=getpwuid_r)
	$(info unit: $(call obj,$(UNIT_SRC) $(SUPPORT_SRC)) $(CLI_TESTED) $(LIB))
	$(info prove: $(call obj,$(PROVE_SRC)) $(LIB))
	$(info erpsync: $(call entry,all) $(B)/cli.a $(LIB))
	@:

CHECKS := $(addprefix check-,layers circles headers tests house docs threats words roles \
	symbols state)
.PHONY: $(CHECKS) lint format
check-layers: ## includes point down only
	@tests/check/layers
check-circles: all station server ## no file calls a file that calls it
	@tests/check/circles $(B)
check-state: all station server ## each field is changed by two files at most
	@tests/check/state $(B)
check-symbols: library ## the library exports what its header declares
	@tests/check/symbols $(B)
check-headers: ## each header compiles alone
	@tests/check/headers $(CC) -std=c11 -D_DEFAULT_SOURCE
check-tests: ## each module has a unit test
	@tests/check/tests
check-house: ## figures of the house, each with its limit
	@tests/check/house
check-docs: ## what documents name is there, in two languages
	@tests/check/docs
	@tests/check/manuals
check-threats: ## each threat has the tests that docs/security.md names
	@tests/check/threats
check-words: ## what a station says of a failure is in three languages
	@tests/check/words
check-roles: station server ## a program for one end has nothing of the other
	@tests/check/roles $(B)
lint: $(CHECKS) ## every check-..., format, clang-tidy
	@git ls-files '*.[ch]' | xargs clang-format --dry-run -Werror
	@printf '%s\n' $(ENGINE_SRC) $(TRANSPORT_SRC) $(CLI_SRC) | \
		xargs -P 2 -n 8 sh -c 'clang-tidy --quiet "$$@" -- -std=c11 \
		-D_DEFAULT_SOURCE -I. -DERPSYNC_VERSION=\"0\" $(LIB_CFLAGS)' tidy
format: ## format all sources
	@git ls-files '*.[ch]' | xargs clang-format -i

# Manuals, those in English and those in folders of their language; the one of
# the library is made from its headers.
MANUALS := $(wildcard docs/man/*.[1-9] docs/man/*/*.[1-9])
LIBRARY_PAGE := build/man/erpsync-library.3
man_place = $(patsubst docs/man/%/,%/,$(filter docs/man/%/,$(dir \
	$(1))))man$(subst .,,$(suffix $(1)))/$(notdir $(1))
$(LIBRARY_PAGE): docs/man/library docs/man/erpsync.1 docs/examples/embed.c \
		$(wildcard transport/api/erpsync*.h)
	@mkdir -p $(@D)
	@docs/man/library >$@
.PHONY: docs
docs: $(LIBRARY_PAGE) ## the manuals as HTML, in build/docs
	@docs/man/html '$(VERSION)' build/docs $(MANUALS) $(LIBRARY_PAGE)

.PHONY: install uninstall
HEADERS := $(wildcard transport/api/erpsync*.h)
SCHEMAS := $(wildcard docs/*.schema.json)
install: $(BIN) library $(LIBRARY_PAGE) ## into DESTDIR and PREFIX
	install -Dm755 $(BIN) $(DESTDIR)$(PREFIX)/bin/erpsync
	install -Dm644 -t $(DESTDIR)$(PREFIX)/include $(HEADERS)
	install -Dm755 -t $(DESTDIR)$(LIBDIR) $(B)/liberpsync.so.0
	install -Dm644 -t $(DESTDIR)$(LIBDIR) $(B)/liberpsync.a
	ln -sf liberpsync.so.0 $(DESTDIR)$(LIBDIR)/liberpsync.so
	install -Dm644 -t $(DESTDIR)$(LIBDIR)/pkgconfig $(B)/erpsync.pc
	$(foreach page,$(MANUALS) $(LIBRARY_PAGE),install -Dm644 $(page) \
		$(DESTDIR)$(PREFIX)/share/man/$(call man_place,$(page)) &&) :
	install -Dm644 -t $(DESTDIR)$(PREFIX)/share/erpsync $(SCHEMAS)
	install -Dm644 cli/completion.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/erpsync
	install -Dm644 cli/completion.zsh \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_erpsync
uninstall: ## what install put there
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,bin/erpsync \
		$(patsubst transport/api/%,include/%,$(HEADERS)) \
		$(foreach page,$(MANUALS) $(LIBRARY_PAGE),share/man/$(call \
		man_place,$(page))) \
		$(patsubst docs/%,share/erpsync/%,$(SCHEMAS)) \
		share/bash-completion/completions/erpsync \
		share/zsh/site-functions/_erpsync) \
		$(addprefix $(DESTDIR)$(LIBDIR)/,liberpsync.so.0 liberpsync.so \
		liberpsync.a pkgconfig/erpsync.pc)

.PHONY: deb deb-root
deb: ## Debian packages in build/deb
	@sh .ci/deps install packages-deb
	@$(MAKE) -s $(JOBS) PROFILE=release all station library
	@.ci/deb $(VERSION)
deb-root: deb ## install, update, upgrade and purge them in a new Debian
	@tests/deb/root

.PHONY: dist
dist: ## both stations of one file, with their papers, in build/dist
	@mkdir -p build
	@for target in win64 linux-static; do \
		flock build/$$target.lock $(MAKE) -s $(JOBS) TARGET=$$target all || \
			exit 1; \
	done
	@.ci/dist $(VERSION)

.PHONY: clean help
clean: ## remove what was built
	rm -rf build
help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | \
		expand -t 18 | sort

-include $(shell find $(B) -name '*.d' 2>/dev/null)
