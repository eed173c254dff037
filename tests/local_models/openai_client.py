"""`proteus model serve` through the official `openai` Python client: lists models, chats, streams, keeps a schema, repeats under
a seed, is cut at a limit, refuses what it cannot do with the client's own exception classes.

    proteus model serve MODEL --port 8080 &
    python3 tests/local_models/openai_client.py http://127.0.0.1:8080/v1
"""
import json
import sys

import openai

client = openai.OpenAI(base_url=sys.argv[1], api_key="unused", max_retries=0, timeout=120)
models = [model.id for model in client.models.list()]
assert len(models) == 1, models
model = models[0]
ask = [{"role": "user", "content": "Name one protein of the proteasome."}]

first = client.chat.completions.create(model=model, messages=ask, max_tokens=24, temperature=0.7, seed=5)
again = client.chat.completions.create(model=model, messages=ask, max_tokens=24, temperature=0.7, seed=5)
text = first.choices[0].message.content
assert text and text == again.choices[0].message.content, "a seed repeats"
assert first.choices[0].finish_reason in ("stop", "length"), first
assert first.usage.prompt_tokens > 0 and 0 < first.usage.completion_tokens <= 24, first.usage

pieces, finish = [], None
for chunk in client.chat.completions.create(model=model, messages=ask, max_tokens=24, temperature=0.7, seed=5, stream=True):
    if chunk.choices:
        pieces.append(chunk.choices[0].delta.content or "")
        finish = chunk.choices[0].finish_reason or finish
assert "".join(pieces) == text, ("streamed", "".join(pieces), text)
assert finish == first.choices[0].finish_reason, finish

schema = {"type": "object", "properties": {"symbol": {"type": "string", "maxLength": 12}, "sure": {"type": "boolean"}},
          "required": ["symbol", "sure"], "additionalProperties": False}
kept = client.chat.completions.create(model=model, messages=ask, max_tokens=80, temperature=0,
                                      response_format={"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}})
answer = json.loads(kept.choices[0].message.content)
assert set(answer) == {"symbol", "sure"} and isinstance(answer["sure"], bool), answer
free = client.chat.completions.create(model=model, messages=ask, max_tokens=60, temperature=0, response_format={"type": "json_object"})
print("json_object:", repr(free.choices[0].message.content))

short = client.chat.completions.create(model=model, messages=ask, max_tokens=2, temperature=0)
assert short.choices[0].finish_reason == "length", short
for wrong, why in [(dict(messages=[]), "no messages"), (dict(messages=[{"role": "user", "content": "word " * 9000}]), "too long")]:
    try:
        client.chat.completions.create(model=model, **wrong)
    except openai.BadRequestError as error:
        print(why + ":", error.message)
    else:
        raise SystemExit(f"{why}: was answered")
try:
    print("embeddings:", len(client.embeddings.create(model=model, input="a").data[0].embedding))
except openai.APIStatusError as error:
    print("embeddings:", error.status_code, error.message)
print("models:", models, "reply:", repr(text), "schema:", answer)
