"""Tiny random models and what PyTorch computes with them, for the tests of src/model.

Made with Python 3.11, torch 2.15.0, transformers 5.24.0, on the CPU, seed 20261130.
Usage: python3 transformers_models.py      writes one folder per model under transformers/ beside this file.

Each folder is a checkpoint as save_pretrained writes it, and expected.json: logits at every position of `ids` (or the
reward after the last, or the sentence vector), and the ids that the chat template gives for `messages`. Weights are rounded
to the type they are stored in before anything is computed, and computed with in single precision.
"""

import json
import shutil
from pathlib import Path

import torch
import transformers as t
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

HERE = Path(__file__).with_name("transformers")
SPECIALS = ["<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"]
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
MESSAGES = [
    {"role": "system", "content": "be short."},
    {"role": "user", "content": " is the protein in the blood there (a, b) or 12?  "},
]


def byte_level():
    characters = ["Ġ", "Ċ", *"abcdefghijklmnopqrstuvwxyz", *"ABCD", *"0123456789", *".,:()-?|<>_"]
    merges = [("t", "h"), ("th", "e"), ("Ġ", "the"), ("i", "n")]
    vocabulary = {piece: i for i, piece in enumerate(characters + ["".join(m) for m in merges])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in SPECIALS])
    begin = tokenizer.token_to_id(SPECIALS[0])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{SPECIALS[0]} $A", pair=None, special_tokens=[(SPECIALS[0], begin)]
    )
    fast = t.PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=SPECIALS[0], eos_token=SPECIALS[1])
    fast.chat_template = TEMPLATE
    return fast


def rounded(values):
    return [[round(v, 5) for v in row] for row in values.tolist()]


def store(name, model, tokenizer, dtype, shard):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(8.0) if parameter.dim() > 1 else parameter.add_(0.2 * torch.randn_like(parameter))
    model.to(dtype).save_pretrained(folder, max_shard_size=shard)
    tokenizer.save_pretrained(folder)
    # Read again rather than converted: conversion would also round the frequencies of positions to the stored type.
    return folder, type(model).from_pretrained(folder, dtype=torch.float32).eval()


def decoder(name, model, tokenizer, dtype=torch.float32, shard="1GB"):
    folder, model = store(name, model, tokenizer, dtype, shard)
    ids = torch.randint(0, model.config.vocab_size, (1, 40))
    chat = tokenizer.apply_chat_template(MESSAGES, add_generation_prompt=True, tokenize=True, return_dict=False)
    expected = {"ids": ids[0].tolist(), "messages": MESSAGES, "chat": list(chat)}
    with torch.no_grad():
        logits = model(ids).logits
    if logits.dim() == 3:
        expected["logits"] = rounded(logits[0, ::3])
        expected["positions"] = list(range(0, 40, 3))
    else:
        answered = MESSAGES + [{"role": "assistant", "content": "it is there"}]
        chat = tokenizer.apply_chat_template(answered, tokenize=True, return_dict=False)
        with torch.no_grad():
            expected["reward"] = model(torch.tensor([list(chat)])).logits[0, 0].item()
        expected["answered"] = answered
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


def sentences():
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "protein", "blood", "oxygen", "carries", "in", "##s", "a", "p", "##5", "##3"]
    tokenizer = Tokenizer(models.WordPiece(vocab={w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair=None, special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    fast = t.PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]")
    config = t.BertConfig(vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                          intermediate_size=48, max_position_embeddings=16)
    folder, model = store("bert", t.BertModel(config, add_pooling_layer=False), fast, torch.float32, "1GB")
    texts = ["The protein carries oxygen in the blood", "P53", "unknown words", "a " * 40]
    vectors = []
    for text in texts:
        ids = fast(text, truncation=True, max_length=16)["input_ids"]
        with torch.no_grad():
            mean = model(torch.tensor([ids])).last_hidden_state[0].mean(0)
        vectors.append((mean / mean.norm()).tolist())
    (folder / "expected.json").write_text(json.dumps({"texts": texts, "vectors": rounded(torch.tensor(vectors))}) + "\n")


if __name__ == "__main__":
    torch.manual_seed(20261130)
    tokenizer = byte_level()
    sizes = dict(vocab_size=len(tokenizer), hidden_size=32, intermediate_size=40, num_hidden_layers=2,
                 num_attention_heads=2, num_key_value_heads=1, max_position_embeddings=256,
                 bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id)
    scaled = dict(rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                  original_max_position_embeddings=32)
    llama = lambda **more: t.LlamaConfig(**{**sizes, "tie_word_embeddings": False, **more})
    decoder("llama", t.LlamaForCausalLM(llama(num_attention_heads=4, num_key_value_heads=2)), tokenizer)
    decoder("llama-3.1", t.LlamaForCausalLM(llama(rope_parameters=scaled)), tokenizer, torch.bfloat16, "12KB")
    decoder("qwen2", t.Qwen2ForCausalLM(t.Qwen2Config(**sizes, tie_word_embeddings=True)), tokenizer, torch.float16)
    decoder("qwen3", t.Qwen3ForCausalLM(t.Qwen3Config(**sizes, head_dim=24, tie_word_embeddings=False)), tokenizer)
    reward = llama(num_labels=1, pad_token_id=tokenizer.eos_token_id, rope_parameters=scaled)
    decoder("reward", t.LlamaForSequenceClassification(reward), tokenizer, torch.bfloat16)
    sentences()
    print("torch", torch.__version__, "transformers", t.__version__)
