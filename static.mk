# A station for any Linux (make TARGET=linux-static): one file, made by musl's
# gcc with the libraries that .ci/libs builds. Included by the Makefile, whose
# lists have left out what is of other systems.
.DEFAULT_GOAL := all
CC := musl-gcc
ALL_CFLAGS = -std=c11 -D_DEFAULT_SOURCE -I. $(OPT) $(HARDEN) $(PIC) $(WARN) \
	-DUTF8PROC_STATIC -DLIBRSYNC_STATIC_DEFINE \
	'-ffile-prefix-map=$(CURDIR)=.' -DERPSYNC_VERSION='"$(VERSION)"' $(LIB_CFLAGS) \
	-include engine/base/libc_bsd.h $(CFLAGS)
# A static program that can lie anywhere: of its start files gcc would take
# glibc's.
ALL_LDFLAGS = -s -Wl,--build-id=none -nostartfiles /usr/lib/x86_64-linux-musl/rcrt1.o -static-pie \
	-Wl,-static,-pie,--no-dynamic-linker,-z,text,-z,relro,-z,now \
	$(LDFLAGS)
BIN := $(B)/erpsync

build/linux-static/libs.mk: .ci/libs static.mk
	@mkdir -p $(@D)
	@from=$$(.ci/libs linux-static) || { echo "$$from" >&2; exit 1; }; \
	{ echo "LIB_CFLAGS := -isystem $$from/include"; \
	  echo "LIBS := -L$$from/lib -lssl -lcrypto -ljansson -llzma -lrsync" \
		"-lutf8proc -lzstd -lz"; } >$@
