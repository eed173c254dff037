"""Makes the FCS files beside this script and the values they hold.

Files come from flowio 1.4.0 and fcswrite 0.6.4 where these can write them, else byte by byte after the standard. Values in
`expected.json` are what an independent reader makes of each file: flowio, fcsparser 0.2.8 or FlowCal
1.3.1; amplification, gain and spillover are taken out with numpy. Where no reader takes a width or order, the numbers written.
Python 3.11, numpy 1.26.4. Run: python generate.py
"""

import json
import struct
from pathlib import Path

import fcsparser
import fcswrite
import flowio
import FlowCal
import numpy as np

HERE = Path(__file__).parent
rng = np.random.default_rng(7)
expected = {}


def fcs(name, version, keywords, data, delimiter="/", header_offsets=True, pad=0, begin_in_text=True):
    """A file of one data set; `keywords` without the offsets."""

    def text(begin, end):
        all_ = dict(keywords)
        if begin_in_text:
            all_ |= {"$BEGINDATA": str(begin).rjust(10), "$ENDDATA": str(end).rjust(10)}
        twice = delimiter * 2
        parts = [p.replace(delimiter, twice) for kv in all_.items() for p in kv]
        return (delimiter + delimiter.join(parts) + delimiter).encode("utf-8")

    length = len(text(0, 0))
    begin = 58 + length + pad
    end = begin + len(data) - 1
    offsets = [58, 58 + length - 1] + ([begin, end] if header_offsets else [0, 0]) + [0, 0]
    header = version.encode() + b"    " + b"".join(str(o).rjust(8).encode() for o in offsets)
    (HERE / name).write_bytes(header + text(begin, end) + b" " * pad + data)


def keywords(names, bits, ranges, datatype, order, events, **more):
    k = {"$PAR": str(len(names)), "$TOT": str(events), "$DATATYPE": datatype, "$BYTEORD": order, "$MODE": "L",
         "$NEXTDATA": "0", "$BEGINSTEXT": "0", "$ENDSTEXT": "0", "$BEGINANALYSIS": "0", "$ENDANALYSIS": "0"}
    for i, (n, b, r) in enumerate(zip(names, bits, ranges), 1):
        k |= {f"$P{i}N": n, f"$P{i}B": str(b), f"$P{i}R": str(r), f"$P{i}E": "0,0"}
    return k | more


def record(name, values):
    expected[name] = [[float(x) for x in row] for row in np.asarray(values)]


# Floats, big-endian, FCS 3.0, written by fcswrite and read by fcsparser.
values = rng.normal(100, 50, (12, 4)).astype("f4")
fcswrite.write_fcs(str(HERE / "float_big.fcs"), ["FSC-A", "FITC-A", "PE-A", "Time"], values, compat_chn_names=False)
record("float_big.fcs", fcsparser.parse(str(HERE / "float_big.fcs"))[1].to_numpy())

# Floats, little-endian, FCS 3.1, written by flowio with labels and read by flowio.
values = rng.gamma(2, 30, (10, 3)).astype("f4")
with open(HERE / "float_little.fcs", "wb") as handle:
    flowio.create_fcs(handle, values.flatten().tolist(), ["Nd142Di", "Sm147Di", "Time"],
                      opt_channel_names=["142Nd_CD3", "147Sm_CD20", "Time"],
                      metadata_dict={"cyt": "DVSSCIENCES-CYTOF-6.7"})
record("float_little.fcs", flowio.FlowData(str(HERE / "float_little.fcs")).as_array(preprocess=True))

# 16-bit integers of 10 bits with a logarithmic amplifier and a gain, big-endian, FCS 2.0, DATA by the HEADER alone; the
# upper bits hold rubbish that the range cuts off.
raw = rng.integers(0, 1024, (9, 3))
dirty = (raw + 1024 * rng.integers(0, 8, raw.shape)).astype(">u2")
k = keywords(["FSC-H", "FL1-H", "FL2-H"], [16] * 3, [1024] * 3, "I", "4,3,2,1", 9)
k |= {"$P2E": "4,1", "$P3G": "2.5"}
fcs("int16_log.fcs", "FCS2.0", k, dirty.tobytes(), begin_in_text=False)
masked = np.array(FlowCal.io.FCSData(str(HERE / "int16_log.fcs")))
assert (masked == raw).all()
amplified = raw.astype(float)
amplified[:, 1] = 10 ** (4 * raw[:, 1] / 1024)
amplified[:, 2] = raw[:, 2] / 2.5
record("int16_log.fcs", amplified)

# Integers of 8, 16 and 32 bits side by side, little-endian, FCS 3.0.
columns = [rng.integers(0, 256, 7), rng.integers(0, 4096, 7), rng.integers(0, 2**31, 7)]
data = b"".join(struct.pack("<BHI", *map(int, row)) for row in zip(*columns))
fcs("int_mixed_widths.fcs", "FCS3.0", keywords(["A", "B", "C"], [8, 16, 32], [256, 4096, 2**31], "I", "1,2,3,4", 7), data)
record("int_mixed_widths.fcs", flowio.FlowData(str(HERE / "int_mixed_widths.fcs")).as_array(preprocess=True))

# 24 bits, big-endian, FCS 3.0, and 12 bits in two bytes; no reader at hand takes them, the values are those written.
columns = [rng.integers(0, 2**24, 5), rng.integers(0, 2**12, 5)]
data = b"".join(int(a).to_bytes(3, "big") + int(b).to_bytes(2, "big") for a, b in zip(*columns))
fcs("int24.fcs", "FCS3.0", keywords(["A", "B"], [24, 12], [2**24, 2**12], "I", "4,3,2,1", 5), data)
record("int24.fcs", np.stack(columns, 1))

# 32 bits in the mixed order of a PDP-11 or VAX: the byte of place i holds rank $BYTEORD[i].
column = rng.integers(0, 2**32, (4, 2))
swapped = b"".join(struct.pack("<I", int(x))[2:] + struct.pack("<I", int(x))[:2] for x in column.flatten())
fcs("int32_mixed_order.fcs", "FCS3.0", keywords(["A", "B"], [32] * 2, [2**32] * 2, "I", "3,4,1,2", 4), swapped)
record("int32_mixed_order.fcs", column)

# Doubles, big-endian, FCS 3.1, offsets in TEXT only and a gap before DATA, as in files beyond 99,999,999 bytes.
values = rng.normal(0, 1000, (6, 2))
k = keywords(["V450-A", "APC-A"], [64] * 2, [262144] * 2, "D", "4,3,2,1", 6)
fcs("double_text_offsets.fcs", "FCS3.1", k, values.astype(">f8").tobytes(), header_offsets=False, pad=13)
record("double_text_offsets.fcs", np.array(FlowCal.io.FCSData(str(HERE / "double_text_offsets.fcs"))))

# Numbers as text, FCS 3.0: fields of four characters.
values = rng.integers(0, 1000, (5, 2))
data = "".join(f"{x:4d}" for x in values.flatten()).encode()
fcs("ascii.fcs", "FCS3.0", keywords(["A", "B"], [4, 4], [1000] * 2, "A", "1,2,3,4", 5), data)
record("ascii.fcs", values)

# The delimiter within a value, twice; UTF-8; spillover, which numpy inverts.
spill = np.array([[1.0, 0.2, 0.05], [0.1, 1.0, 0.0], [0.0, 0.3, 1.0]])
dyes = rng.gamma(1.5, 2000, (20, 3))
seen = dyes @ spill
names = ["FL/1-A", "FL2-A", "FL3-A"]
k = keywords(["FSC-A"] + names, [32] * 4, [262144] * 4, "F", "1,2,3,4", 20)
k |= {"$P2S": "CD3/4", "$P3S": "IκB", "$SPILLOVER": "3," + ",".join(names) + "," + ",".join(map(str, spill.flatten()))}
all_ = np.column_stack([rng.gamma(2, 1e4, 20), seen]).astype("<f4")
fcs("spillover.fcs", "FCS3.1", k, all_.tobytes())
stored = all_.astype(float)
stored[:, 1:] = stored[:, 1:] @ np.linalg.inv(spill)
record("spillover.fcs", stored)

(HERE / "expected.json").write_text(json.dumps(expected, indent=0).replace(",\n", ", ").replace("[\n", "[") + "\n")
