"""Golden bytes for tests/train: one record of a TensorBoard event file, and checksums.

CRC-32C by polynomial division over a whole number, the protobuf messages by their wire format's
definition; shares no code with the C++ side:
  python3 tests/oracle/event_file.py > tests/train/event_file_golden.h
"""

import struct

POLYNOMIAL = 0x11EDC6F41


def reflect(value, bits):
    return int(f"{value:0{bits}b}"[::-1], 2)


def crc32c(data):
    """The remainder of the reflected bits, their first 32 inverted, times x^32; then inverted."""
    bits = "".join(f"{reflect(byte, 8):08b}" for byte in data) + "0" * 32
    number = int(bits, 2) ^ (0xFFFFFFFF << (len(bits) - 32))
    for position in range(len(bits) - 1, 31, -1):
        if number >> position & 1:
            number ^= POLYNOMIAL << (position - 32)
    return reflect(number ^ 0xFFFFFFFF, 32)


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number, wire, content):
    return varint(number << 3 | wire) + content


def sized(content):
    return varint(len(content)) + content


def scalar_event(tag, value, step, wall_time):
    point = field(1, 2, sized(tag.encode())) + field(2, 5, struct.pack("<f", value))
    summary = field(1, 2, sized(point))
    return (field(1, 1, struct.pack("<d", wall_time)) + field(2, 0, varint(step))
            + field(5, 2, sized(summary)))


def record(event):
    length = struct.pack("<Q", len(event))
    return (length + struct.pack("<I", masked(length)) + event
            + struct.pack("<I", masked(event)))


def main():
    vectors = {b"": 0, b"123456789": 0xE3069283,  # and those of RFC 3720
               bytes(32): 0x8A9136AA, b"\xff" * 32: 0x62A8AB43, bytes(range(32)): 0x46DD794E}
    assert all(crc32c(data) == crc for data, crc in vectors.items())
    data = record(scalar_event("loss/train", 0.625, 300, 1.5e9 + 0.25))
    print("#pragma once")
    print("// Printed by tests/oracle/event_file.py; do not edit.")
    print("// clang-format off")
    print("#include <string>\n")
    print("namespace vqalign::golden {")
    print('/// The record of scalar("loss/train", 0.625, 300, 1.5e9 + 0.25).')
    print("inline const std::string scalar_record({")
    for start in range(0, len(data), 12):
        print("    " + " ".join(f"'\\x{byte:02x}'," for byte in data[start:start + 12]))
    print("});")
    print("}  // namespace vqalign::golden")


if __name__ == "__main__":
    main()
