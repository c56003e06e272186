# A station for Windows (make TARGET=win64): build/win64/erpsync.exe, made by
# mingw-w64 with the libraries that .ci/libs builds. Included by the
# Makefile, whose lists have left out what is of other systems.
.DEFAULT_GOAL := all
CC := x86_64-w64-mingw32-gcc
AR := x86_64-w64-mingw32-ar
PIC :=
OPT := -O2 -g
# Of formats the other compilers know more than mingw.
ALL_CFLAGS = -std=gnu11 -D_POSIX_C_SOURCE=200809L -D_WIN32_WINNT=0x0A00 \
	-DUNICODE -D_UNICODE -DWIN32_LEAN_AND_MEAN -D__USE_MINGW_ANSI_STDIO=1 \
	-DUTF8PROC_STATIC -DLZMA_API_STATIC -DLIBRSYNC_STATIC_DEFINE \
	-I. $(OPT) $(HARDEN) $(WARN) -Wno-format -Wno-format-nonliteral \
	'-ffile-prefix-map=$(CURDIR)=.' -DERPSYNC_VERSION='"$(VERSION)"' $(LIB_CFLAGS) \
	-include engine/base/libc_win32.h $(CFLAGS)
# No time and no place in it: two builds are equal. Its parts begin with pages,
# so that they are mapped and not read.
ALL_LDFLAGS = -s -static -Wl,--no-insert-timestamp,--stack,2097152 \
	-Wl,--file-alignment,4096 $(LDFLAGS)
BIN := $(B)/erpsync.exe

build/win64/libs.mk: .ci/libs win64.mk
	@mkdir -p $(@D)
	@from=$$(.ci/libs win64) || { echo "$$from" >&2; exit 1; }; \
	{ echo "LIB_CFLAGS := -isystem $$from/include"; \
	  echo "LIBS := -L$$from/lib -lssl -lcrypto -ljansson -llzma -lrsync" \
		"-lutf8proc -lzstd -lz -lntdll -lpthread"; } >$@

# Libraries that are loaded by the first call of one of their functions: a
# program that only says something, or has no window, does not pay for them.
LATE_NAMES := advapi32 bcrypt gdi32 user32 ws2_32
LATE := $(LATE_NAMES:%=$(B)/late/lib%.a)
LIBS += -L$(B)/late $(LATE_NAMES:%=-l%)
$(B)/late/lib%.a: win64.mk
	@mkdir -p $(@D)
	$(Q){ echo "LIBRARY $*.dll"; echo EXPORTS; \
	  x86_64-w64-mingw32-nm "$$($(CC) -print-file-name=lib$*.a)" 2>/dev/null | \
	  sed -n 's/^[0-9a-f]* T //p' | sort -u; } >$(@:.a=.def)
	$(Q)x86_64-w64-mingw32-dlltool -d $(@:.a=.def) -y $@ -t $*_
$(BIN) $(B)/erpsync-killed.exe $(B)/unit.exe: | $(LATE)

# What Windows shows of the program, and how it is to be started.
RESOURCES := $(B)/cli/window/erpsync.res.o
$(RESOURCES): cli/window/erpsync.rc cli/window/erpsync.manifest \
		cli/window/erpsync.ico Makefile
	@mkdir -p $(@D)
	@$(call say,RC,$<)
	$(Q)x86_64-w64-mingw32-windres -I$(<D) -DVERSION='\"$(VERSION)\"' \
		-DNUMBERS=$(subst .,$(comma),$(VERSION)),0 $< $@
$(BIN): $(RESOURCES)

# What is Windows' own, and a program that is killed at a chosen change, both
# tried under wine by tests/win32/run.
$(B)/unit.exe: $(call obj,$(filter-out tests/win32/kill.c \
		tests/win32/rstrtmgr.c, \
		$(wildcard tests/win32/*.c))) \
		$(RESOURCES) $(B)/cli.a $(B)/station.a
	@$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(B)/erpsync-killed.exe: $(B)/tests/win32/kill.o $(call entry,station) $(B)/cli.a \
		$(B)/station.a
	@$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(B)/rstrtmgr.dll: $(B)/tests/win32/rstrtmgr.o
	@$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -shared -o $@ $^
