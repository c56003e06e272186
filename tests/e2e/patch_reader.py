#!/usr/bin/env python3
"""patch_reader.py STATE: rebuild what the patches of a server's state make.
patch_reader.py BASIS PATCH TARGET: rebuild one, into the file TARGET.

Another reader of docs/patch-format.md, written from that text alone, so that
the text and the program cannot drift apart unseen.  It takes its time and the
memory that it likes; what it refuses is what the text says must be refused.
"""
import bisect
import ctypes
import ctypes.util
import hashlib
import heapq
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


def next_cover(s, at, end, diagonal):
    """Steps 1 and 2: (literals, None), or (literals, cover's length, seek)."""
    literals = s[SKIP].varint()
    need(literals <= end - at, "skip")
    if literals == end - at:
        return literals, 0, diagonal
    length, diagonal = s[LENGTH].varint(), diagonal + zigzag(s[SEEK].varint())
    need(1 <= length <= end - at - literals, "cover")
    return literals, length, diagonal


class Copier:
    """Step 3: bytes of covers, with the differences of a span."""

    def __init__(self, s):
        self.s, self.gap, self.run = s, 0, 0

    def copy(self, basis, at, n):
        need(at + n <= len(basis), "cover")
        out = bytearray()
        while n:
            if not self.gap and not self.run:
                if self.s[GAP].done():
                    self.gap = n
                else:
                    self.gap = self.s[GAP].varint()
                    self.run = self.s[RUN].varint() + 1
            m = min(n, self.gap or self.run)
            if self.gap:
                out += basis[at:at + m]
                self.gap -= m
            else:
                out += bytes((x + y) & 255 for x, y in
                             zip(basis[at:at + m], self.s[VALUE].take(m)))
                self.run -= m
            at += m
            n -= m
        return out


def rebuild(basis, r):
    """Version 1."""
    need(r.take(4) == b"ERPd" and r.u8() == 1, "magic")
    need(r.varint() == len(basis), "basis length")
    total = r.varint()
    out = bytearray()
    while len(out) < total:
        n, s = read_span(r, total - len(out))
        end, diagonal, copier = len(out) + n, 0, Copier(s)
        while len(out) < end:
            literals, n, diagonal = next_cover(s, len(out), end, diagonal)
            out += s[LITERAL].take(literals)
            if n:
                at = (len(out) + diagonal) % (1 << 64)
                out += copier.copy(basis, at, n)
        need(all(x.done() for x in s), "left over")
    need(r.done(), "trailing")
    return bytes(out)


# --- projection

MAP_NONE, REGION, SPILL = None, 64, 16
X86_64, X86_32, ARM64, PATTERN = 1, 2, 3, 8
ADDRESS, END, ABSOLUTE, ABSOLUTE_LONG, SELF, ANCHOR = 1, 2, 3, 4, 5, 8
WORD = 1 << 32


def exact_varint(r):
    at = r.at
    v = r.varint()
    need(r.at - at == max(1, (v.bit_length() + 6) // 7), "needless bytes")
    return v


def read_image(r, size):
    base, sections, at, address = exact_varint(r), [], 0, 0
    n = exact_varint(r)
    need(n <= 64, "sections")
    for _ in range(n):
        at += exact_varint(r)
        length = exact_varint(r)
        address += exact_varint(r)
        room = length + exact_varint(r)
        need(length and at + length <= size, "section")
        need(address + room < WORD, "section")
        sections.append((at, length, address, room))
        at += length
        address += room
    return base, sections


class Plan:
    def __init__(self, r, basis_len, target_len):
        self.base, self.old = read_image(r, basis_len)
        self.new_base, self.new = read_image(r, target_len)
        self.cover_min = exact_varint(r)
        self.anchors = [exact_varint(r) for _ in range(exact_varint(r))]
        self.patterns = []
        for _ in range(exact_varint(r)):
            start, n = exact_varint(r), exact_varint(r)
            need(1 <= n <= 8, "pattern")
            self.patterns.append((start, [r.u8() for _ in range(n)]))
        need(len(self.anchors) <= 64 and len(self.patterns) <= 64, "plan")
        regions, self.kinds = (basis_len + REGION - 1) // REGION, []
        while len(self.kinds) < regions:
            kind, n = r.u8(), exact_varint(r)
            need(1 <= n <= regions - len(self.kinds), "regions")
            self.kinds += [kind] * n
        need(r.done(), "plan")


class Map:
    """From old addresses to new ones; covers are (target, basis, length)."""

    def __init__(self, plan, covers):
        self.plan = plan
        self.at, self.by = [], []
        covers = [c for c in covers if c[2] >= plan.cover_min]
        covers.sort(key=lambda c: c[1])
        edges = sorted({e for c in covers for e in (c[1], c[1] + c[2])})
        heap, i = [], 0
        for edge in edges:
            while i < len(covers) and covers[i][1] <= edge:
                target, basis, n = covers[i]
                heapq.heappush(heap, (-n, target, basis))
                i += 1
            while heap and heap[0][2] - heap[0][0] <= edge:
                heapq.heappop(heap)
            if heap:
                self.at.append(edge)
                self.by.append(heap[0][1] - heap[0][2])

    def went(self, offset):
        i = max(bisect.bisect_right(self.at, offset) - 1, 0)
        return offset + (self.by[i] if self.by else 0)

    def find(self, address):
        address %= WORD
        for at, n, start, room in self.plan.old:
            if start <= address < start + room:
                over = max(address - start - (n - 1), 0)
                place = self.went(at + address - start - over) % WORD
                break
        else:
            return MAP_NONE
        for at, n, start, room in self.plan.new:
            if at <= place < at + n:
                return (start + place - at + over) % WORD
        return MAP_NONE

    def near(self, address, distance):
        far, close = self.find(address + distance), self.find(address)
        if far is None or close is None:
            return MAP_NONE
        return (far - close) % WORD


def u32(b, i):
    return int.from_bytes(b[i:i + 4], "little")


HAS_MODRM = {*range(0x80, 0x90), *range(0xd0, 0xd4), 0x63, 0x69, 0x6b, 0xc0,
             0xc1, 0xc6, 0xc7, 0xf6, 0xf7, 0xfe, 0xff}
HAS_MODRM |= {row + i for row in range(0, 0x40, 8) for i in range(4)}


def x86_64_field(b, i):
    relative = [x & 0xc7 == 5 for x in b[i:i + 6]]
    first, second = b[i], b[i + 1]
    if first in (0xe8, 0xe9):
        return 1
    if first == 0x0f and second & 0xf0 == 0x80:
        return 2
    if first == 0x0f and second in (0x38, 0x3a):
        return 4 if relative[3] else 0
    if first == 0x0f and relative[2]:
        return 3
    for byte, which in ((0xc5, 3), (0xc4, 4), (0x62, 5)):
        if first == byte and relative[which]:
            return which + 1
    return 2 if relative[1] and first in HAS_MODRM else 0


BRANCHES = ((0x7c000000, 0x14000000, 0, 26), (0xff000000, 0x54000000, 5, 19),
            (0x7e000000, 0x34000000, 5, 19), (0x3b000000, 0x18000000, 5, 19),
            (0x7e000000, 0x36000000, 5, 14))


def signed(v, n):
    v &= (1 << n) - 1
    return v - (1 << n) if v >> n - 1 else v


class Region:
    """A region that is projected: old bytes, new ones, and where it is."""

    def __init__(self, plan, the_map, old, new, at):
        self.plan, self.map, self.old, self.new = plan, the_map, old, new
        self.first = at
        for start, n, address, _ in plan.old:
            if start <= at < start + n:
                self.end = min(at + REGION + SPILL, start + n)
                self.last = min(at + REGION, self.end)
                self.shift = address - start
                return
        self.end = None

    def put(self, i, v, n=4):
        if v is not None:
            self.new[i:i + n] = (v % (1 << 8 * n)).to_bytes(n, "little")
        return v is not None

    def put_near(self, i, field):
        """A field that counts from what is behind it."""
        behind = i + field + 4
        return behind <= self.end and self.put(i + field, self.map.near(
            behind + self.shift, u32(self.old, i + field)))

    def x86_64(self):
        i = self.first
        while i < self.last and i + 6 <= self.end:
            field = x86_64_field(self.old, i)
            i += field + 4 if field and self.put_near(i, field) else 1

    def x86_32(self):
        i = self.first
        while i < self.last and i + 6 <= self.end:
            field, jump = 0, self.old[i] in (0xe8, 0xe9)
            if jump or (self.old[i] == 0x0f and
                        self.old[i + 1] & 0xf0 == 0x80):
                field = 1 if jump else 2
            if field and self.put_near(i, field):
                i += field + 4
            else:
                i += 4 if self.put(i, self.word(i, ABSOLUTE)) else 1

    def put_bits(self, i, low, n, v, step=1):
        """A number with a sign, in steps, as n bits from low on."""
        v -= WORD if v >= WORD // 2 else 0
        if v % step == 0 and -1 << n - 1 <= v // step < 1 << n - 1:
            mask = (1 << n) - 1 << low
            w = u32(self.new, i) & ~mask | v // step << low & mask
            self.put(i, w)
            return True
        return False

    def put_split(self, i, v):
        """The number of adr or adrp."""
        if self.put_bits(i, 5, 19, v - v % 4, 4):
            self.put(i, u32(self.new, i) & ~(3 << 29) | v % 4 << 29)

    def page_user(self, i, page):
        """Project the rest of a place that the word at i has; the place."""
        w, low = u32(self.old, i), 0
        if w & 0x3b000000 == 0x39000000:
            low = 4 if w & 0x04800000 == 0x04800000 else w >> 30
        elif w & 0xffc00000 != 0x91000000:
            return None
        place = self.map.find(page + ((w >> 10 & 4095) << low))
        if place is not None and place % (1 << low) == 0:
            rest = place % 4096 >> low
            self.put(i, w & ~(4095 << 10) | rest << 10)
        return place

    def page(self, i, w, d):
        address = i + self.shift
        page, found = (address // 4096 + d) * 4096, None
        here = self.map.find(address)
        if here is None:
            return
        for k in range(i + 4, self.end - 3, 4):
            user = u32(self.old, k)
            if user >> 5 & 31 == w & 31:
                place = self.page_user(k, page)
                found = place if found is None else found
            if user & 31 == w & 31:
                break
        to = self.map.find(page) if found is None else found
        if to is not None:
            self.put_split(i, (to // 4096 - here // 4096) % WORD)

    def arm64(self):
        i = self.first + -(self.first + self.shift) % 4
        for i in range(i, min(self.last, self.end - 3), 4):
            w = u32(self.old, i)
            if w & 0x1f000000 == 0x10000000:
                d = signed(w >> 5, 19) * 4 + (w >> 29 & 3)
                if w >> 31:
                    self.page(i, w, d)
                else:
                    to = self.map.near(i + self.shift, d)
                    if to is not None:
                        self.put_split(i, to)
                continue
            for mask, is_it, low, n in BRANCHES:
                if w & mask == is_it:
                    to = self.map.near(i + self.shift,
                                       4 * signed(w >> low, n))
                    if to is not None:
                        self.put_bits(i, low, n, to, 4)
                    break

    def word(self, i, role):
        v, plan = u32(self.old, i), self.plan
        if role == ADDRESS:
            return self.map.find(v)
        if role == END:
            to = self.map.find(v - 1)
            return to if to is None else to + 1
        if role == ABSOLUTE:
            to = self.map.find(v - plan.base)
            return to if to is None else to + plan.new_base
        if role == SELF:
            return self.map.near(i + self.shift, v)
        if role >= ANCHOR:
            return self.map.near(plan.anchors[role - ANCHOR], v)
        return None

    def long(self, i):
        v = int.from_bytes(self.old[i:i + 8], "little") - self.plan.base
        v %= 1 << 64
        to = self.map.find(v) if v < WORD and i + 8 <= self.end else None
        self.put(i, to if to is None else to + self.plan.new_base, 8)

    def words(self, start, roles):
        i = self.first
        i += -(i + self.shift - start) % WORD % 4
        while i < self.last and i + 4 <= self.end:
            role = roles[(i + self.shift - start) % WORD // 4 % len(roles)]
            if role == ABSOLUTE_LONG:
                self.long(i)
            else:
                self.put(i, self.word(i, role))
            i += 4


def project(basis, plan, the_map):
    new = bytearray(basis)
    for i, kind in enumerate(plan.kinds):
        if not kind:
            continue
        region = Region(plan, the_map, basis, new, i * REGION)
        if region.end is None:
            continue
        if kind in (X86_64, X86_32, ARM64):
            (region.x86_64, region.x86_32, region.arm64)[kind - 1]()
        else:
            need(PATTERN <= kind < PATTERN + len(plan.patterns), "kind")
            region.words(*plan.patterns[kind - PATTERN])
    return bytes(new)


def read_covers(s, total):
    covers, at, diagonal = [], 0, 0
    while at < total:
        literals, n, diagonal = next_cover(s, at, total, diagonal)
        at += literals
        if n:
            covers.append((at, (at + diagonal) % (1 << 64), n))
        at += n
    need(all(x.done() for x in s), "left over")
    return covers


def rebuild_projected(basis, r):
    """Version 3."""
    need(r.take(4) == b"ERPd" and r.u8() == 3, "magic")
    need(r.varint() == len(basis) >= 1, "basis length")
    total = r.varint()
    n, s = read_span(r, total)
    need(n == total and not any(len(x.b) for x in s[GAP:]), "front")
    plan = Plan(Reader(s[LITERAL].take(len(s[LITERAL].b))), len(basis), total)
    covers = read_covers(s, total)
    seen = project(basis, plan, Map(plan, list(covers)))
    out = bytearray()
    covers.reverse()
    while len(out) < total:
        n, s = read_span(r, total - len(out))
        need(not any(len(s[i].b) for i in (SKIP, LENGTH, SEEK)), "span")
        end, copier = len(out) + n, Copier(s)
        while len(out) < end:
            while covers and covers[-1][0] + covers[-1][2] <= len(out):
                covers.pop()
            at, old, n = covers[-1] if covers else (total, 0, 0)
            if at > len(out):
                out += s[LITERAL].take(min(at, end) - len(out))
                continue
            inside = len(out) - at
            out += copier.copy(seen, old + inside,
                               min(n - inside, end - len(out)))
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
    made = apply(bytes(view), r.take(len(r.b) - r.at), (1, 3))
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


def apply(basis, patch, versions=(1, 2, 3)):
    need(len(patch) > 4 and patch[4] in versions, "version")
    read = {1: rebuild, 2: apply_viewed, 3: rebuild_projected}[patch[4]]
    return read(basis, Reader(patch))


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
    seen = {1: 0, 2: 0, 3: 0}
    for target, basis, blob in patches(state):
        patch = stored(state, "blob", blob)
        made = apply(stored(state, "content", basis), patch)
        need(hash_of(made) == target, "another content: " + target.hex())
        seen[patch[4]] += 1
    # How many of version 1, 2 and 3.
    print("patches rebuilt:", *seen.values())


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
