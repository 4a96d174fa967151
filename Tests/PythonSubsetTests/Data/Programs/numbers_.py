print(7 // 2, -7 // 2, 7 % -3, -7 % 3, 7 / 2, 2 ** 10, 2 ** -1, 2 ** 100, -2 ** 2, 7.5 // 2, -7.5 % 2, 1e3, 1.0, 0.1 + 0.2)
print(2 ** 63, -2 ** 63, 2 ** 63 - 1, (2 ** 63) * (2 ** 63), 10 ** 30 // 7, 10 ** 30 % 7, -10 ** 30 // 7, (1 << 100) >> 98, ~(1 << 70), (1 << 70) & ((1 << 71) - 1), -(1 << 70) | 5, (1 << 70) ^ -1, 10 ** 25 - 10 ** 25, hex(2 ** 70), int("f" * 20, 16), int("-" + "9" * 25))
print(int("0x1f", 16), int("0b11", 0), int(" 42 "), int("1_000"), int(3.9), int(-3.9), int(True), int("z", 36), float("1e5"), float(" -2.5 "), float("inf"), float("-inf"), float("nan"), float("1_0.5"), float(".5"), float("5."))
print(round(2.5), round(3.5), round(-2.5), round(2.675, 2), round(1234, -2), round(1250, -2), round(1.5), round(0.5), round(1e20), round(3.14159, 3), round(5, 1))
print(1e16, 1e15, 123456789012345680.0, 1e-4, 1e-5, 1.5e300, 5e-324, 1.7976931348623157e308, 100000.0, 1e22, 0.1, 1/3, 2/3, -0.0, 1e100)
print(True + True, True & False, True | 2, not 1, 1 == 1.0, hash(1) == hash(1.0), 1 < 1.5, 2 ** 53 + 1 == float(2 ** 53), 10 ** 400 > 1e308, float(10 ** 20), 10 ** 20 == 1e20)
print(bin(10), oct(8), hex(-255), chr(233), ord("€"), (5).bit_length(), (255).to_bytes(2, "big"), int.from_bytes(b"\x01\x00", "big"), (-1).to_bytes(2, "little", signed=True), int.from_bytes(b"\xff\xfe", "big", signed=True), (2 ** 80).to_bytes(11, "big").hex())
print(divmod(17, 5), divmod(-17, 5), divmod(2 ** 70, 3), pow(2, 100, 1000007), pow(2, 0.5), 4 ** 0.5, 10 ** -2, (-8) ** 3, 0 ** 0)
print(isinstance(True, int), type(True).__name__, type(1 / 1).__name__, (3.0).is_integer(), (0.5).as_integer_ratio(), (1.5).hex() if False else "", complex if False else "")
print(sum([0.1] * 10), max(1, 2.5), min(True, 0), abs(-2 ** 70), -7 // 2.0, 7 % 2.5, 5 % -3.5, 1e308 * 10, 2 ** 1000 % 997)
for a, b in [(10 ** 18, 10 ** 18), (-(2 ** 63), -1), (2 ** 62, 2), (3 ** 50, 7 ** 20), (-(3 ** 50), 7 ** 20), (3 ** 50, -(7 ** 20)), (2 ** 128 - 1, 2 ** 64 + 1), (2 ** 96, 2 ** 64 - 1)]:
    print(a + b, a - b, a * b, a // b, a % b, a / b, a & b, a | b, a ^ b, a < b)
print(f"{2 ** 70:,} {2 ** 70:x} {-2 ** 70:e} {10 ** 20:d}", "%d" % 2 ** 70 if False else "%d" % (2 ** 70), str(2 ** 200), repr(-2 ** 64))
print(1_000_000, 0xff, 0o17, 0b101, 1e1_0, 12345678901234567890)
for x in (0.0, 1.0, 123.456, 1e-7, 1e21, 99999.5, 0.00012345, 1234567.0):
    print(f"{x:g} {x:.3g} {x:e} {x:.0f} {x:10.2f} {x:+.1e} {x:.3} {x:n} {x:.2%} {x:010.3f} {x!r} {x:,}")
for x in (0, 5, -5, 123456789):
    print(f"{x:d} {x:5d}|{x:<5d}|{x:^5d}|{x:+} {x: } {x:05} {x:x} {x:#o} {x:b} {x:,} {x:e} {x:.1f} {x:%} {x:=+8d}")
for small in (0.0, -0.0, 0.25, -0.25, 5e-324, 1e300):
    print(small, small > 3600, small < 0, small == 0, small < 10 ** 30, 3600 <= small)
