"""How near texts are in meaning to a question, for tests/papers/ordering.rs: cosines of the tiny encoder that the tests of
src/model use, computed here with numpy alone, from its files.

    python tests/papers/reference/make_order.py

The committed file was made with Python 3.11 and numpy 2.4. Before it is written, the vectors are held against those of
PyTorch and transformers in the encoder's own `expected.json`.
"""

import json
import math
import re
import struct
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
ENCODER = HERE.parents[2] / "src/model/reference/transformers/bert"


def tensors(path):
    """The tensors of a safetensors file, in double precision."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    out = {}
    for name, of in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            assert of["dtype"] == "F32"
            start, end = (8 + length + at for at in of["data_offsets"])
            out[name] = np.frombuffer(data[start:end], "<f4").astype(float).reshape(of["shape"])
    return out


CONFIG = json.loads((ENCODER / "config.json").read_text())
VOCABULARY = json.loads((ENCODER / "tokenizer.json").read_text())["model"]["vocab"]
WEIGHTS = tensors(ENCODER / "model.safetensors")


def pieces(word):
    """The longest pieces of a word that are known, one after the other."""
    out, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in VOCABULARY:
                out.append(VOCABULARY[piece])
                start = end
                break
        else:
            return [VOCABULARY["[UNK]"]]
    return out


def tokens(text):
    words = re.findall(r"[^\W_]+|[^\w\s]|_", text.lower())
    middle = [piece for word in words for piece in pieces(word)]
    middle = middle[: CONFIG["max_position_embeddings"] - 2]
    return [VOCABULARY["[CLS]"], *middle, VOCABULARY["[SEP]"]]


def linear(x, name):
    return x @ WEIGHTS[f"{name}.weight"].T + WEIGHTS[f"{name}.bias"]


def normalised(x, name):
    mean = x.mean(axis=1, keepdims=True)
    scale = np.sqrt(((x - mean) ** 2).mean(axis=1, keepdims=True) + CONFIG["layer_norm_eps"])
    return (x - mean) / scale * WEIGHTS[f"{name}.weight"] + WEIGHTS[f"{name}.bias"]


def vector(text):
    ids = tokens(text)
    x = WEIGHTS["embeddings.word_embeddings.weight"][ids]
    x = x + WEIGHTS["embeddings.position_embeddings.weight"][: len(ids)]
    x = x + WEIGHTS["embeddings.token_type_embeddings.weight"][0]
    x = normalised(x, "embeddings.LayerNorm")
    heads = CONFIG["num_attention_heads"]
    for layer in range(CONFIG["num_hidden_layers"]):
        at = f"encoder.layer.{layer}"
        parts = [linear(x, f"{at}.attention.self.{p}") for p in ("query", "key", "value")]
        query, key, value = (p.reshape(len(ids), heads, -1).transpose(1, 0, 2) for p in parts)
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[2])
        scores = np.exp(scores - scores.max(axis=2, keepdims=True))
        scores /= scores.sum(axis=2, keepdims=True)
        attended = (scores @ value).transpose(1, 0, 2).reshape(len(ids), -1)
        x = normalised(x + linear(attended, f"{at}.attention.output.dense"), f"{at}.attention.output.LayerNorm")
        inner = linear(x, f"{at}.intermediate.dense")
        inner = inner * 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
        x = normalised(x + linear(inner, f"{at}.output.dense"), f"{at}.output.LayerNorm")
    mean = x.mean(axis=0)
    return mean / np.linalg.norm(mean)


if __name__ == "__main__":
    known = json.loads((ENCODER / "expected.json").read_text())
    for text, wanted in zip(known["texts"], known["vectors"]):
        assert np.abs(vector(text) - wanted).max() < 2e-5, text
    case = json.loads((HERE / "papers.json").read_text())
    question = vector(case["question"])
    near = {one["id"]: float(vector(f"{one['title']} {one['text']}".strip()) @ question) for one in case["papers"]}
    case["cosines"] = {name: round(near[name], 6) for name in sorted(near, key=near.get, reverse=True)}
    (HERE / "papers.json").write_text(json.dumps(case, indent=1) + "\n")
