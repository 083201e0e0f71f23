"""MCAN's forward pass, written from its description with plain numpy in float64.

Prints the numbers that tests/fusion/vqa_model_test.cpp holds. Weights are a fixed function of a
parameter's name and index, so that both sides can make them without sharing a file:

    w[i] = cos(0.37 * i * i + phase) * 0.6,  phase = sum of the name's bytes mod 97

for all parameters but LayerNorm's gain, which adds 1. Run: python3 tests/oracle/mcan_model.py
"""

import numpy as np

WORDS, WORD_WIDTH, HIDDEN, HEADS, FF = 9, 5, 8, 2, 12
POOL, POOLED, ANSWERS, FEATURE, LAYERS = 6, 10, 4, 7, 2


def weight(name, shape):
    index = np.arange(int(np.prod(shape)), dtype=np.float64)
    phase = sum(name.encode()) % 97
    values = np.cos(0.37 * index * index + phase) * 0.6
    if name.endswith("a_2"):
        values = values + 1.0
    return values.reshape(shape)


def linear(x, name, out):
    return x @ weight(name + ".weight", (out, x.shape[-1])).T + weight(name + ".bias", (out,))


def layer_norm(x, name):
    n = x.shape[-1]
    mean = x.mean(-1, keepdims=True)
    std = np.sqrt(((x - mean) ** 2).sum(-1, keepdims=True) / (n - 1))
    gain, bias = weight(name + ".a_2", (n,)), weight(name + ".b_2", (n,))
    return gain * (x - mean) / (std + 1e-6) + bias


def softmax(x, axis):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm(x):
    batch, steps, width = x.shape
    w_ih = weight("lstm.weight_ih_l0", (4 * HIDDEN, width))
    w_hh = weight("lstm.weight_hh_l0", (4 * HIDDEN, HIDDEN))
    bias = weight("lstm.bias_ih_l0", (4 * HIDDEN,)) + weight("lstm.bias_hh_l0", (4 * HIDDEN,))
    h = np.zeros((batch, HIDDEN))
    c = np.zeros((batch, HIDDEN))
    outputs = []
    for t in range(steps):
        i, f, g, o = np.split(x[:, t] @ w_ih.T + h @ w_hh.T + bias, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs, 1)


def attention(queries, memory, memory_mask, name):
    v = linear(memory, name + ".linear_v", HIDDEN)
    k = linear(memory, name + ".linear_k", HIDDEN)
    q = linear(queries, name + ".linear_q", HIDDEN)
    d = HIDDEN // HEADS
    result = np.zeros_like(queries)
    for b in range(queries.shape[0]):
        for h in range(HEADS):
            part = slice(h * d, (h + 1) * d)
            for i in range(queries.shape[1]):
                scores = np.array([
                    -1e9 if memory_mask[b, j] else q[b, i, part] @ k[b, j, part] / np.sqrt(d)
                    for j in range(memory.shape[1])])
                p = softmax(scores, 0)
                result[b, i, part] = sum(p[j] * v[b, j, part] for j in range(memory.shape[1]))
    return linear(result, name + ".linear_merge", HIDDEN)


def mlp(x, name, hidden, out):
    return linear(np.maximum(linear(x, name + ".fc.linear", hidden), 0), name + ".linear", out)


def pooling(x, mask, name, glimpses):
    scores = mlp(x, name + ".mlp", POOL, glimpses)
    scores = np.where(mask[:, :, None], -1e9, scores)
    p = softmax(scores, 1)
    pooled = np.concatenate([(p[:, :, g:g + 1] * x).sum(1) for g in range(glimpses)], 1)
    return linear(pooled, name + ".linear_merge", POOLED), p


def encoder_block(y, mask, p, pre):
    if pre:
        h = layer_norm(y, p + "norm1")
        y = y + attention(h, h, mask, p + "mhatt")
        return y + mlp(layer_norm(y, p + "norm2"), p + "ffn.mlp", FF, HIDDEN)
    y = layer_norm(y + attention(y, y, mask, p + "mhatt"), p + "norm1")
    return layer_norm(y + mlp(y, p + "ffn.mlp", FF, HIDDEN), p + "norm2")


def decoder_block(x, guide, region_mask, word_mask, p, pre):
    if pre:
        h = layer_norm(x, p + "norm1")
        x = x + attention(h, h, region_mask, p + "mhatt1")
        x = x + attention(layer_norm(x, p + "norm2"), guide, word_mask, p + "mhatt2")
        return x + mlp(layer_norm(x, p + "norm3"), p + "ffn.mlp", FF, HIDDEN)
    x = layer_norm(x + attention(x, x, region_mask, p + "mhatt1"), p + "norm1")
    x = layer_norm(x + attention(x, guide, word_mask, p + "mhatt2"), p + "norm2")
    return layer_norm(x + mlp(x, p + "ffn.mlp", FF, HIDDEN), p + "norm3")


def model(tokens, features, stacking=False, pre=False, glimpses=1, boxes=None, shortcut=False):
    word_mask = tokens == 0
    region_mask = np.abs(features).sum(-1) == 0
    vectors = weight("embedding.weight", (WORDS, WORD_WIDTH))[tokens]
    y = lstm(vectors)
    if shortcut:
        y = y + linear(vectors, "word_linear", HIDDEN)
    x = linear(features, "img_feat_linear", HIDDEN)
    if boxes is not None:
        x = x + linear(plain_boxes(boxes), "box_linear", HIDDEN)
    guides = []
    last = layer_norm if pre else lambda z, name: z
    for i in range(LAYERS):
        y = encoder_block(y, word_mask, f"backbone.enc_list.{i}.", pre)
        guides.append(last(y, "backbone.norm_enc"))
    y = guides[-1]
    for i in range(LAYERS):
        guide = guides[i] if stacking else y
        x = decoder_block(x, guide, region_mask, word_mask, f"backbone.dec_list.{i}.", pre)
    x = last(x, "backbone.norm_dec")
    lang, _ = pooling(y, word_mask, "attflat_lang", glimpses)
    image, weights = pooling(x, region_mask, "attflat_img", glimpses)
    return linear(layer_norm(lang + image, "proj_norm"), "proj", ANSWERS), weights


def plain_boxes(boxes):
    """Corners as shares of pictures of 20 x 10 pixels, and the share of the area."""
    share = boxes / np.array([20.0, 10.0, 20.0, 10.0])
    area = (share[..., 2] - share[..., 0]) * (share[..., 3] - share[..., 1])
    return np.concatenate([share, area[..., None]], -1)


def region_boxes():
    """Region m of picture p: x1 = m, y1 = p, x2 = m + 2 + p, y2 = p + 3."""
    p, m = np.meshgrid(np.arange(3.0), np.arange(5.0), indexing="ij")
    return np.stack([m, p, m + 2 + p, p + 3], -1)


def inputs():
    tokens = np.array([[2, 5, 8, 0], [3, 1, 0, 0], [4, 6, 7, 2]])
    index = np.arange(3 * 5 * FEATURE, dtype=np.float64)
    features = np.sin(0.61 * index).reshape(3, 5, FEATURE)
    features[0, 4] = 0
    features[1, 2:] = 0
    return tokens, features


if __name__ == "__main__":
    np.set_printoptions(precision=7, floatmode="fixed", suppress=True)
    tokens, features = inputs()
    for name, options in (("encoder-decoder", {}), ("stacking", {"stacking": True}),
                          ("encoder-decoder, pre-norm", {"pre": True}),
                          ("glimpses 2, boxes plain, shortcut",
                           {"glimpses": 2, "boxes": region_boxes(), "shortcut": True})):
        logits, weights = model(tokens, features, **options)
        print(name)
        print(logits)
        print("region weights of sample 0", weights[0, :, 0])
