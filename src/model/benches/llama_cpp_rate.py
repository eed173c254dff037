"""Tokens per processor second of llama.cpp (xllamacpp 2026.10.11549), one thread, to set beside the bench `rate`.

Usage: python3 llama_cpp_rate.py model.gguf [prompt tokens] [reply tokens]
"""

import json
import os
import resource
import sys
import time
import urllib.error
import urllib.request

import xllamacpp as x


def seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def post(address, path, body):
    request = urllib.request.Request(address + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    while True:
        try:
            with urllib.request.urlopen(request, timeout=3600) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
            time.sleep(1)


model = sys.argv[1]
prompt = int(sys.argv[2]) if len(sys.argv) > 2 else 225
reply = int(sys.argv[3]) if len(sys.argv) > 3 else 48
p = x.CommonParams()
p.model.path = model
p.hostnames = ["127.0.0.1"]
p.port = 18083
p.n_ctx = 1024
p.n_parallel = 1
p.cpuparams.n_threads = 1
p.cpuparams_batch.n_threads = 1
server = x.Server(p)
address = server.listening_address
address = address if address.startswith("http") else "http://" + address
text = "The proteome of a cell changes with time, place and signal; " * (1 + prompt // 8)
ids = post(address, "/tokenize", {"content": text})["tokens"][:prompt]
ask = lambda n: post(
    address, "/completion", {"prompt": ids, "n_predict": n, "temperature": 0, "ignore_eos": True, "cache_prompt": False}
)
for round in range(1, 4):
    start = seconds()
    ask(1)
    read = seconds()
    ask(1 + reply)
    both = seconds()
    print(
        f"round {round}: prompt {prompt / (read - start):.1f}, reply {reply / (both - read - (read - start)):.1f} "
        "tokens per processor s"
    )
print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB", flush=True)
os._exit(0)  # the server's threads do not end by themselves
