# erpsync: one Makefile, not recursive. `make help` lists what it can do.
PROFILE ?= release
B := build/$(PROFILE)
PREFIX ?= /usr/local
VERSION := 0.1.0

# Packages are checked (and for the two README commands installed) before the
# first compile; the result also carries pkg-config's flags.
GOALS := $(if $(MAKECMDGOALS),$(MAKECMDGOALS),all)
DEPS_MODE := $(if $(filter check quickstart deps,$(GOALS)),install,check)
ifneq ($(filter-out clean help,$(GOALS)),)
include build/libs.mk
endif

WARN := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wundef \
	-Wvla -Wformat=2 -Wcast-qual -Wcast-align -Wwrite-strings \
	-Wpointer-arith -Wswitch-enum -Wnull-dereference -fno-common -Werror
IS_CLANG := $(findstring clang,$(shell $(CC) --version 2>/dev/null))
ifeq ($(IS_CLANG),)
WARN += -Wlogical-op -Wduplicated-cond -Wduplicated-branches
endif
HARDEN := -fstack-protector-strong -fPIE
ifeq ($(PROFILE),release)
OPT := -O2 -g -D_FORTIFY_SOURCE=2
else ifeq ($(PROFILE),asan)
OPT := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
LDOPT := -fsanitize=address,undefined
else
OPT := -O0 -g
endif
CFLAGS ?=
ALL_CFLAGS = -std=c11 -D_DEFAULT_SOURCE -I. $(OPT) $(HARDEN) $(WARN) \
	-DERPSYNC_VERSION='"$(VERSION)"' $(LIB_CFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now $(LDOPT) $(LDFLAGS)

ENGINE_SRC := $(sort $(wildcard engine/*/*.c))
TRANSPORT_SRC := $(sort $(wildcard transport/*/*.c))
CLI_SRC := $(sort $(wildcard cli/*.c))
SUPPORT_SRC := $(sort $(wildcard tests/support/*.c))
UNIT_SRC := $(sort $(wildcard tests/unit/*.c))

# V=1 shows whole commands.
Q := $(if $(V),,@)
say = $(if $(V),:,printf '  %-5s %s\n' $(1) $(2))

LIB := $(B)/liberpsync.a
BIN := $(B)/erpsync
obj = $(patsubst %.c,$(B)/%.o,$(1))
LIB_OBJ := $(call obj,$(ENGINE_SRC) $(TRANSPORT_SRC))

.PHONY: all
all: $(BIN) ## build the erpsync program (PROFILE=release|debug|asan)

build/libs.mk: .ci/packages .ci/deps
	@mkdir -p build
	@sh .ci/deps $(DEPS_MODE)
	@{ echo "LIB_CFLAGS := $$(pkg-config --cflags $(PKGS))"; \
	   echo "LIBS := $$(pkg-config --libs $(PKGS)) -lrsync"; } > $@
PKGS := libbsd libcrypto libutf8proc libdivsufsort libevent libevent_pthreads libzstd zlib

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(LIB_OBJ)
	@rm -f $@
	@$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $^

$(BIN): $(call obj,$(CLI_SRC)) $(LIB)
	@$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) -lpthread

$(B)/unit: $(call obj,$(UNIT_SRC) $(SUPPORT_SRC)) $(LIB)
	@$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) -lcriterion -lpthread

.PHONY: unit
unit: $(B)/unit ## unit tests (T='module/*' picks some)
	$(B)/unit $(if $(T),--filter '$(T)')

.PHONY: clean
clean: ## remove what was built
	rm -rf build

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | \
		expand -t 18 | sort

-include $(shell find $(B) -name '*.d' 2>/dev/null)
