"""MCAN in plain eager PyTorch, padded as all public code pads: the reference to compare with.

Written from the network's description (Yu et al., "Deep Modular Co-Attention Networks for Visual
Question Answering", CVPR 2019) with the parameter names of the public checkpoints, so that
`load_state_dict` takes those. It is what vqalign's exactness is tested against (tests/oracle) and
what its speed is compared with (side_by_side.py); it is written for neither.
"""

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

MASKED = -1e9


@dataclass
class Config:
    words: int
    answers: int
    layers: int = 6
    hidden: int = 512
    heads: int = 8
    feed_forward: int = 2048
    dropout: float = 0.1
    pooling_hidden: int = 512
    glimpses: int = 1
    pooled: int = 1024
    word_width: int = 300
    feature_width: int = 2048
    max_tokens: int = 14
    max_regions: int = 100


class LayerNorm(nn.Module):
    """Divides by the unbiased standard deviation plus eps, unlike torch's own LayerNorm."""

    def __init__(self, width, eps=1e-6):
        super().__init__()
        self.a_2 = nn.Parameter(torch.ones(width))
        self.b_2 = nn.Parameter(torch.zeros(width))
        self.eps = eps

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        std = x.std(-1, keepdim=True)
        return self.a_2 * (x - mean) / (std + self.eps) + self.b_2


class FullyConnected(nn.Module):
    def __init__(self, width, out, dropout):
        super().__init__()
        self.linear = nn.Linear(width, out)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        return self.dropout(functional.relu(self.linear(x)))


class Mlp(nn.Module):
    def __init__(self, width, hidden, out, dropout):
        super().__init__()
        self.fc = FullyConnected(width, hidden, dropout)
        self.linear = nn.Linear(hidden, out)

    def forward(self, x):
        return self.linear(self.fc(x))


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.heads = config.heads
        self.linear_v = nn.Linear(config.hidden, config.hidden)
        self.linear_k = nn.Linear(config.hidden, config.hidden)
        self.linear_q = nn.Linear(config.hidden, config.hidden)
        self.linear_merge = nn.Linear(config.hidden, config.hidden)
        self.dropout = nn.Dropout(config.dropout)

    def split(self, x):
        batch, length, width = x.shape
        return x.view(batch, length, self.heads, width // self.heads).transpose(1, 2)

    def forward(self, queries, memory, memory_mask):
        v = self.split(self.linear_v(memory))
        k = self.split(self.linear_k(memory))
        q = self.split(self.linear_q(queries))
        scores = torch.matmul(q, k.transpose(-2, -1)) / math.sqrt(q.size(-1))
        scores = scores.masked_fill(memory_mask, MASKED)
        attended = torch.matmul(self.dropout(scores.softmax(-1)), v)
        batch, _, length, _ = attended.shape
        return self.linear_merge(attended.transpose(1, 2).reshape(batch, length, -1))


class FeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.mlp = Mlp(config.hidden, config.feed_forward, config.hidden, config.dropout)

    def forward(self, x):
        return self.mlp(x)


class SelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.mhatt = Attention(config)
        self.ffn = FeedForward(config)
        self.dropout = nn.Dropout(config.dropout)
        self.norm1 = LayerNorm(config.hidden)
        self.norm2 = LayerNorm(config.hidden)

    def forward(self, x, mask):
        x = self.norm1(x + self.dropout(self.mhatt(x, x, mask)))
        return self.norm2(x + self.dropout(self.ffn(x)))


class GuidedAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.mhatt1 = Attention(config)
        self.mhatt2 = Attention(config)
        self.ffn = FeedForward(config)
        self.dropout = nn.Dropout(config.dropout)
        self.norm1 = LayerNorm(config.hidden)
        self.norm2 = LayerNorm(config.hidden)
        self.norm3 = LayerNorm(config.hidden)

    def forward(self, x, mask, memory, memory_mask):
        x = self.norm1(x + self.dropout(self.mhatt1(x, x, mask)))
        x = self.norm2(x + self.dropout(self.mhatt2(x, memory, memory_mask)))
        return self.norm3(x + self.dropout(self.ffn(x)))


class Backbone(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.enc_list = nn.ModuleList(SelfAttention(config) for _ in range(config.layers))
        self.dec_list = nn.ModuleList(GuidedAttention(config) for _ in range(config.layers))

    def forward(self, words, word_mask, regions, region_mask):
        for block in self.enc_list:
            words = block(words, word_mask)
        for block in self.dec_list:
            regions = block(regions, region_mask, words, word_mask)
        return words, regions


class Pooling(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.mlp = Mlp(config.hidden, config.pooling_hidden, config.glimpses, config.dropout)
        self.linear_merge = nn.Linear(config.hidden * config.glimpses, config.pooled)

    def forward(self, x, mask):
        weights = self.mlp(x).masked_fill(mask.squeeze(1).squeeze(1).unsqueeze(2), MASKED)
        weights = weights.softmax(1)
        glimpses = [(weights[:, :, g : g + 1] * x).sum(1) for g in range(weights.size(2))]
        return self.linear_merge(torch.cat(glimpses, 1))


class Mcan(nn.Module):
    """features [B, M, feature_width] and tokens int64 [B, T], both padded with zeros -> logits."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.words, config.word_width)
        self.lstm = nn.LSTM(config.word_width, config.hidden, batch_first=True)
        self.img_feat_linear = nn.Linear(config.feature_width, config.hidden)
        self.backbone = Backbone(config)
        self.attflat_img = Pooling(config)
        self.attflat_lang = Pooling(config)
        self.proj_norm = LayerNorm(config.pooled)
        self.proj = nn.Linear(config.pooled, config.answers)

    def forward(self, features, tokens):
        word_mask = (tokens == 0)[:, None, None, :]
        region_mask = (features.abs().sum(-1) == 0)[:, None, None, :]
        words, _ = self.lstm(self.embedding(tokens))
        regions = self.img_feat_linear(features)
        words, regions = self.backbone(words, word_mask, regions, region_mask)
        pooled = self.attflat_lang(words, word_mask) + self.attflat_img(regions, region_mask)
        return self.proj(self.proj_norm(pooled))
