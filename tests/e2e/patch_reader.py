#!/usr/bin/env python3
"""patch_reader.py STATE: rebuild what the patches of a server's state make.
patch_reader.py BASIS PATCH TARGET: rebuild one, into the file TARGET.

Another reader of docs/patch-format.md, written from that text alone, so that
the text and the program cannot drift apart unseen.  It takes its time and the
memory that it likes; what it refuses is what the text says must be refused.
"""
import ctypes
import ctypes.util
import hashlib
import lzma
import os
import sys
import zlib

STREAMS = 7
LITERAL, SKIP, LENGTH, SEEK, GAP, RUN, VALUE = range(STREAMS)
MIB = 1 << 20


class Corrupt(Exception):
    pass


def need(cond, what):
    if not cond:
        raise Corrupt(what)


class Reader:
    def __init__(self, b):
        self.b, self.at = b, 0

    def take(self, n):
        need(self.at + n <= len(self.b), "short")
        p = self.b[self.at:self.at + n]
        self.at += n
        return p

    def u8(self):
        return self.take(1)[0]

    def varint(self):
        v = 0
        for i in range(10):
            c = self.u8()
            v |= (c & 127) << (7 * i)
            if not c & 128:
                need(v < 1 << 64, "varint")
                return v
        raise Corrupt("varint")

    def done(self):
        return self.at == len(self.b)


# --- packed streams

Z = ctypes.CDLL(ctypes.util.find_library("zstd"))
SIZE, POINTER, BYTES = ctypes.c_size_t, ctypes.c_void_p, ctypes.c_char_p
WINDOW_LOG_MAX = 100
for name, result, arguments in (
        ("createDCtx", POINTER, []),
        ("freeDCtx", SIZE, [POINTER]),
        ("DCtx_setParameter", SIZE, [POINTER, ctypes.c_int, ctypes.c_int]),
        ("DCtx_refPrefix", SIZE, [POINTER, BYTES, SIZE]),
        ("decompressDCtx", SIZE, [POINTER, BYTES, SIZE, BYTES, SIZE]),
        ("findFrameCompressedSize", SIZE, [BYTES, SIZE])):
    function = getattr(Z, "ZSTD_" + name)
    function.restype, function.argtypes = result, arguments


def unzstd(p, n, window, prefix=b""):
    need(Z.ZSTD_findFrameCompressedSize(p, len(p)) == len(p), "not one frame")
    d = Z.ZSTD_createDCtx()
    out = ctypes.create_string_buffer(n + 1)
    Z.ZSTD_DCtx_setParameter(d, WINDOW_LOG_MAX, window)
    Z.ZSTD_DCtx_refPrefix(d, prefix, len(prefix))
    made = Z.ZSTD_decompressDCtx(d, out, n + 1, p, len(p))
    Z.ZSTD_freeDCtx(d)
    need(made == n, "zstd")
    return out.raw[:n]


def unlzma(p, n, cap_log):
    props, log = p[0], p[1]
    lc, rest = props % 9, props // 9
    lp, pb = rest % 5, rest // 5
    need(lc + lp <= 4 and pb <= 4, "lzma properties")
    need(12 <= log <= cap_log, "dictionary")
    need(log <= max(12, (n - 1).bit_length()), "dictionary too large")
    d = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[{
        "id": lzma.FILTER_LZMA1, "dict_size": 1 << log,
        "lc": lc, "lp": lp, "pb": pb}])
    out = d.decompress(p[2:])
    need(len(out) == n and d.eof and not d.unused_data, "lzma")
    return out


def unpack(which, coder, p, n):
    if coder == 0:
        need(len(p) == n, "stored")
        return p
    if coder == 1:
        return unzstd(p, n, 23 if which in (LITERAL, VALUE) else 21)
    need(coder == 2, "coder")
    return unlzma(p, n, {LITERAL: 23, VALUE: 22}.get(which, 21))


def zigzag(v):
    return (v >> 1) ^ -(v & 1)


def read_span(r, left):
    n = r.varint()
    need(1 <= n <= min(1 << 28, left), "span")
    heads = []
    for i in range(STREAMS):
        raw = r.varint()
        need(raw <= (n if i in (LITERAL, VALUE) else 10 * (n + 1)), "stream")
        if raw:
            coder, packed = r.u8(), r.varint()
            need(1 <= packed <= raw, "packed")
            heads.append((raw, coder, packed))
        else:
            heads.append((0, 0, 0))
    got = [bytearray() for _ in heads]
    while any(len(g) < h[2] for g, h in zip(got, heads)):
        i = r.u8()
        need(i < STREAMS and len(got[i]) < heads[i][2], "chunk")
        got[i] += r.take(min(16384, heads[i][2] - len(got[i])))
    return n, [Reader(unpack(i, h[1], bytes(g), h[0]) if h[0] else b"")
               for i, (g, h) in enumerate(zip(got, heads))]


def rebuild(basis, r):
    need(r.take(4) == b"ERPd" and r.u8() == 1, "magic")
    need(r.varint() == len(basis), "basis length")
    total = r.varint()
    out = bytearray()
    while len(out) < total:
        n, s = read_span(r, total - len(out))
        end = len(out) + n
        diagonal = gap = run = 0
        while True:
            k = s[SKIP].varint()
            need(k <= end - len(out), "skip")
            out += s[LITERAL].take(k)
            if len(out) == end:
                break
            k = s[LENGTH].varint()
            diagonal += zigzag(s[SEEK].varint())
            at = (len(out) + diagonal) % (1 << 64)
            need(1 <= k <= end - len(out) and at + k <= len(basis), "cover")
            while k:
                if not gap and not run:
                    if s[GAP].done():
                        gap = k          # all that follows is equal
                    else:
                        gap = s[GAP].varint()
                        run = s[RUN].varint() + 1
                if gap:
                    m = min(gap, k)
                    out += basis[at:at + m]
                    gap -= m
                else:
                    m = min(run, k)
                    out += bytes((x + y) & 255 for x, y in
                                 zip(basis[at:at + m], s[VALUE].take(m)))
                    run -= m
                at += m
                k -= m
            if len(out) == end:
                break
        need(all(x.done() for x in s), "left over")
    need(r.done(), "trailing")
    return bytes(out)


# --- views

RAW_MIN, RAW_MAX, RAW_LEAST = 64, 8 * MIB, 30
VAIN_MAX, STREAMS_MAX = 65536, 1 << 18


def inflate(b, at, most):
    """(end of its packed bytes or None, raw bytes, bytes that went in)."""
    d, raw, start = zlib.decompressobj(-15), bytearray(), at
    try:
        while at < len(b) and not d.eof and len(raw) <= most:
            piece = b[at:at + 4096]
            raw += d.decompress(piece, most + 1 - len(raw))
            at += len(piece) - len(d.unused_data) - len(d.unconsumed_tail)
            if not d.eof and not d.unconsumed_tail and at == len(b):
                break
    except zlib.error:
        pass
    done = d.eof and len(raw) <= most
    return at if done else None, bytes(raw[:most]), at - start


def u16(b, i):
    return int.from_bytes(b[i:i + 2], "little")


def candidate(b, i):
    """Where the stream behind a head at i would begin, or None."""
    if b[i:i + 4] == b"PK\3\4":
        if u16(b, i + 8) == 8 and not b[i + 6] & 1:
            return i + 30 + u16(b, i + 26) + u16(b, i + 28)
    elif b[i:i + 3] == b"\x1f\x8b\x08":
        if b[i + 3] == 0:
            return i + 10
        if b[i + 3] == 8:
            end = b.find(b"\0", i + 10, i + 10 + 256)
            if end >= 0:
                return end + 1
    elif b[i] == 0x78 and b[i + 1] in (0x01, 0x5e, 0x9c, 0xda):
        return i + 2
    return None


def streams(b):
    """The streams of a basis: (first byte, packed bytes, raw content)."""
    found, i, room, vain = [], 0, 16 * len(b) + MIB, VAIN_MAX
    while i + RAW_LEAST <= len(b) and len(found) < STREAMS_MAX and vain > 0:
        at = candidate(b, i)
        i += 1
        if at is None:
            continue
        end, raw, went_in = inflate(b, at, min(RAW_MAX, room))
        if end is not None and len(raw) >= RAW_MIN:
            found.append((at, end - at, raw))
            room -= len(raw)
            i = end
        else:
            vain -= 16 if end is None else 1
            vain -= (went_in + len(raw)) // 4096
    return found


def put_varint(v):
    out = bytearray()
    while v > 127:
        out.append(v & 127 | 128)
        v >>= 7
    out.append(v)
    return bytes(out)


def apply_viewed(basis, r):
    need(r.take(4) == b"ERPd" and r.u8() == 2, "magic")
    need(r.varint() == len(basis), "basis length")
    total = r.varint()
    raw_n, packed_n = r.varint(), r.varint()
    need(1 <= raw_n <= RAW_MAX and 1 <= packed_n <= RAW_MAX, "recipe")
    found = streams(basis)
    prefix, last = bytearray(), 0
    for at, n, raw in found:
        prefix += put_varint(at - last) + put_varint(len(raw))
        last = at + n
    rec = Reader(unzstd(r.take(packed_n), raw_n, 27, bytes(prefix)))
    view, last = bytearray(), 0
    for at, n, raw in found:
        f = rec.u8()
        need(f < 2, "flag")
        if f:
            view += basis[last:at] + raw
            last = at + n
    view += basis[last:]
    how = []
    while (c := rec.u8()):
        need(1 <= c & 15 <= 9 and c >> 5 <= 4, "how")
        how.append(c)
    pieces = [(c, rec.varint(), rec.varint()) for c in how]
    need(rec.done(), "recipe left over")
    made = rebuild(bytes(view), Reader(r.take(len(r.b) - r.at)))
    out, at = bytearray(), 0
    for c, before, n in pieces:
        need(RAW_MIN <= n <= RAW_MAX, "raw")
        need(at + before + n <= len(made), "recipe")
        out += made[at:at + before]
        at += before
        z = zlib.compressobj(c & 15, zlib.DEFLATED, -15,
                             9 if c & 16 else 8, c >> 5)
        out += z.compress(made[at:at + n]) + z.flush()
        at += n
    out += made[at:]
    need(len(out) == total, "target length")
    return bytes(out)


def apply(basis, patch):
    r = Reader(patch)
    return (apply_viewed if patch[4:5] == b"\2" else rebuild)(basis, r)


# --- a server's state, docs/storage-server.md

def hash_of(b):
    return hashlib.blake2b(b).digest()[:32]


def stored(state, kind, name):
    path = os.path.join(state, kind, name.hex()[:2], name.hex())
    with open(path, "rb") as f:
        return f.read()


def patches(state):
    """(target, basis, blob) of each that goes from one content to one."""
    for folder, _, names in os.walk(os.path.join(state, "key")):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                key = f.read()
            if key[4] == 3 and key[5] == 2:
                yield key[46:78], key[78:110], key[14:46]


def try_state(state):
    seen = {1: 0, 2: 0}
    for target, basis, blob in patches(state):
        patch = stored(state, "blob", blob)
        made = apply(stored(state, "content", basis), patch)
        need(hash_of(made) == target, "another content: " + target.hex())
        seen[patch[4]] += 1
    print("patches rebuilt: %d of version 1, %d of version 2" %
          (seen[1], seen[2]))


def main(args):
    if len(args) == 1:
        try_state(args[0])
        return
    with open(args[0], "rb") as f, open(args[1], "rb") as g:
        made = apply(f.read(), g.read())
    with open(args[2], "wb") as f:
        f.write(made)


if __name__ == "__main__":
    main(sys.argv[1:])
