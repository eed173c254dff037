"""Token ids and next-token log-probabilities of llama.cpp, for the tests of src/model.

Made with Python 3.11, xllamacpp 2026.10.11549 (llama.cpp with its HTTP server), greedy, one thread; nothing is random.
Usage: python3 llama_cpp.py <smollm2.gguf> <qwen2.5.gguf>      writes llama_cpp.json beside this file.

`lines`: ids of each line as plain text and with the names of special tokens meant. `next`: the ten likeliest tokens after
a prompt and the natural logarithms of their probabilities, from the engine's own logits.
"""

import json
import sys
import time
import urllib.request
from pathlib import Path

import xllamacpp as x

LINES = [
    "Hello",
    " Hello  world",
    "STAT1 is increased 3-fold (p = 0.00123, n=12345)",
    "TGF-β1, IL-6, α-synuclein and μ-crystallin at 37 °C",
    "    indented\n\n\n  twice\tand\ttabs",
    "don't, I'LL, they've, we'd",
    "Ünïcödé — naïve façade; 蛋白质组学 プロテオミクス",
    "P04637|P53_HUMAN;Q9Y6K9-2\r\nMEEPQSDPSV",
    "x" * 40 + "1234567890" * 3,
    "emoji 🧬🔬 and zero\u200bwidth",
    "{\"gene\": \"TP53\", \"log2fc\": -1.25e-3}",
    "",
]
SPECIAL = [
    "<|im_start|>user\nWhich protein carries oxygen?<|im_end|>\n<|im_start|>assistant\n",
    "a<|im_end|>b <|endoftext|> c",
]
PROMPTS = [
    "The protein that carries oxygen in red blood cells is",
    "STAT1, IRF1 and CXCL10 are induced by interferon",
    "1, 2, 3, 4, 5, 6,",
    "<|im_start|>user\nWhich protein carries oxygen in blood? One word.<|im_end|>\n<|im_start|>assistant\n",
]


def post(address, path, body):
    request = urllib.request.Request(address + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    for _ in range(600):
        try:
            with urllib.request.urlopen(request, timeout=600) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
            time.sleep(1)
    raise SystemExit("the server did not get ready")


def record(model, port):
    p = x.CommonParams()
    p.model.path = model
    p.hostnames = ["127.0.0.1"]
    p.port = port
    p.n_ctx = 1024
    p.n_parallel = 1
    p.cpuparams.n_threads = 1
    p.cpuparams_batch.n_threads = 1
    server = x.Server(p)
    address = server.listening_address
    if not address.startswith("http"):
        address = "http://" + address

    def tokens(text, special):
        body = {"content": text, "add_special": False, "parse_special": special}
        return post(address, "/tokenize", body)["tokens"]

    def following(prompt):
        ids = tokens(prompt, True)
        body = {"prompt": ids, "n_predict": 1, "n_probs": 10, "temperature": 0, "cache_prompt": False}
        reply = post(address, "/completion", body)
        top = reply["completion_probabilities"][0]["top_logprobs"]
        return {"prompt": prompt, "ids": ids, "top": [[t["id"], t["logprob"]] for t in top]}

    result = {
        "lines": [{"text": text, "ids": tokens(text, False)} for text in LINES],
        "special": [{"text": text, "ids": tokens(text, True)} for text in SPECIAL],
        "next": [following(prompt) for prompt in PROMPTS],
    }
    return result


if __name__ == "__main__":
    smollm2, qwen = sys.argv[1:3]
    expected = {"smollm2": record(smollm2, 18081), "qwen2.5": record(qwen, 18082)}
    place = Path(__file__).with_name("llama_cpp.json")
    place.write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n")
    import os

    os._exit(0)  # the servers' threads do not end by themselves
