#!/usr/bin/env python3
# Makes tests/unit/gen_golden.h: what GENERATOR.md 2 says, a second time, so
# that test_gen_draws.c compares with more than what the library once did.
#     python3 tests/unit/gen_golden.py >tests/unit/gen_golden.h
import struct

M = 2**64 - 1
SEED = 42
VALUES = 3000


def mix(x):
    x = (x + 0x9E3779B97F4A7C15) & M
    x = ((x ^ x >> 30) * 0xBF58476D1CE4E5B9) & M
    x = ((x ^ x >> 27) * 0x94D049BB133111EB) & M
    return x ^ x >> 31


class Stream:
    def __init__(self, seed, block):
        start = mix(seed) ^ mix(~block & M)
        self.s = [mix((start + i) & M) for i in range(4)]

    def next(self):
        s = self.s
        x = (s[0] + s[3]) & M
        ret = ((x << 23 | x >> 41) + s[0]) & M
        t = (s[1] << 17) & M
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = (s[3] << 45 | s[3] >> 19) & M
        return ret

    def below(self, n):
        return self.next() * n >> 64


def le(x, n):
    return (x & (256**n - 1)).to_bytes(n, "little")


def letters(r, n):
    text = b""
    while len(text) < n:
        text += bytes(97 + b * 26 // 256 for b in le(r.next(), 8))
    return text[:n]


def string(r, i):
    n = r.below(16)
    return le(n, 1) + letters(r, 16)[:n]


def long_string(r, i):
    n = 5 + r.below(36)
    return le(n, 1) + letters(r, n)


def packed(bits, n):
    def draw(r, i):
        words = b""
        while len(words) < n * bits // 8:
            words += le(r.next(), 8)
        return words[: n * bits // 8]

    return draw


def nullable(bits):
    def draw(r, i):
        x = r.next()
        if x & 0xFFFFFFFF < 2**31:
            return b"\1"
        return b"\0" + le(x >> 64 - bits, bits // 8)

    return draw


def nullable_u64(r, i):
    if r.next() & 0xFFFFFFFF < 2**31:
        return b"\1"
    return b"\0" + le(r.next(), 8)


def array(r, i):
    n = r.below(8)
    return le(n, 1) + packed(8, n)(r, i)


def signed24(r, i):
    x = r.next() >> 40
    return le(x - 2**24 if x >> 23 else x, 4)


def total(r, i):
    index = r.below(3)
    return le(index, 2) + [lambda: b"", lambda: le(r.next() >> 56, 1),
                           lambda: string(r, i)][index]()


def this(r, i, depth=1):
    if r.next() & 0xFFFFFFFF < 2**31 or depth > 63:
        return b"\1"
    return b"\0" + this(r, i, depth + 1)


def trees(r, i, depth=0):
    n = r.below((7 >> depth) + 1)
    return le(n, 1) + b"".join(trees(r, i, depth + 1) for _ in range(n))


def hexadecimal(r, i):
    text = b""
    while len(text) < 20:
        text += b"%016x" % r.next()
    return b"\x14" + text[:20]


def six(r, i):
    return (le(r.next(), 8) + le(1700000000000 + i, 8) + string(r, i)
            + struct.pack("<d", (r.next() >> 11) * 2.0**-53)
            + nullable(16)(r, i) + packed(8, 5)(r, i))


CASES = [
    ("u64", None, lambda r, i: le(r.next(), 8)),
    ("bool", None, lambda r, i: le(r.next() >> 63, 1)),
    ("i24", None, signed24),
    ("u40", None, lambda r, i: le(r.next() >> 24, 8)),
    ("u128", None, lambda r, i: le(r.next(), 8) + le(r.next(), 8)),
    ("char", None, lambda r, i: le(97 + (r.next() >> 56) * 26 // 256, 1)),
    ("float", None,
     lambda r, i: struct.pack("<d", (r.next() >> 11) * 2.0**-53)),
    ("`x` Float32", None,
     lambda r, i: struct.pack("<f", (r.next() >> 40) * 2.0**-24)),
    ("string", None, string),
    ("string", ".=length:5,40", long_string),
    ("u16?", None, nullable(16)),
    ("u32?", None, nullable(32)),
    ("u64?", None, nullable_u64),
    ("u8[5]", None, packed(8, 5)),
    ("u16[7]", None, packed(16, 7)),
    ("u8[]", None, array),
    ("[a|b u8|c string]", None, total),
    ("{a: this?}", None, this),
    ("this[]", None, trees),
    ("string", ".=hex:20", hexadecimal),
    ("u64", ".=uniform:100,399", lambda r, i: le(100 + r.below(300), 8)),
    ("u32", ".=enum:5,7,11", lambda r, i: le([5, 7, 11][r.below(3)], 4)),
    ("{id:u64; ts:u64; user:string; amount:float; tag:u16?; flags:u8[5]}",
     "ts=seq:1700000000000", six),
]


def main():
    for schema, word, draw in CASES:
        h = 0xCBF29CE484222325
        for i in range(VALUES):
            if i % 1024 == 0:
                r = Stream(SEED, i // 1024)
            for byte in draw(r, i):
                h = (h ^ byte) * 0x100000001B3 & M
        name = schema if word is None else schema + " " + word
        quoted = "NULL" if word is None else '"%s"' % word
        print('{ "%s", "%s", %s, 0x%016x },' % (name, schema, quoted, h))


main()
