"""Greedy decoding: a step function in, the story out."""
import struct

import numpy as np

BOS = 1


def read_tokens(path):
    """The bytes of every token."""
    with open(path, "rb") as file:
        data = file.read()
    tokens, at = [], 4
    while at < len(data):
        _, length = struct.unpack_from("<fi", data, at)
        tokens.append(data[at + 8:at + 8 + length])
        at += 8 + length
    return tokens


def text_of(previous, token, tokens):
    """A token as text: the tokenizer puts a space before the first word; <0x0A> stands for a byte."""
    piece = tokens[token]
    if previous == BOS and piece.startswith(b" "):
        piece = piece[1:]
    if piece.startswith(b"<0x"):
        piece = bytes([int(piece[3:5], 16)])
    return piece


def tell(step, cache_shape, tokens, steps=256):
    """`step` takes token, position, past_k, past_v and returns logits, present_k, present_v. `cache_shape` is that of
    an empty cache."""
    keys = values = np.zeros(cache_shape, np.float32)
    token, story = BOS, b""
    for position in range(steps):
        inputs = [np.array([token], np.int64), np.array([position], np.int64), keys, values]
        logits, keys, values = step(*inputs)
        previous, token = token, int(np.argmax(logits))
        if token == BOS:
            break
        story += text_of(previous, token, tokens)
    return story
