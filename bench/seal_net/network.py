"""The network: a page of 2.15 pixels a millimetre goes in, how likely a seal lies on each cell of 4 x 4 pixels comes out."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTHS = (16, 24, 48, 80, 112)  # channels at 1/2, 1/4, 1/8, 1/16, 1/32
MIXED = 32  # channels in which what was seen at each scale meets


def _conv(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(inplace=True)
    )


class Block(nn.Module):
    """Two convolutions around which what came in passes by."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _conv(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(self.first(x)))


class SealNet(nn.Module):
    """(n, 3, h, w) in 0..255 BGR, h and w multiples of 32 -> logits (n, 1, h / 4, w / 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _conv(3, WIDTHS[0], 2)
        steps = pairwise(WIDTHS)
        self.stages = nn.ModuleList(nn.Sequential(_conv(a, b, 2), Block(b)) for a, b in steps)
        self.deep = Block(WIDTHS[-1])
        self.laterals = nn.ModuleList(nn.Conv2d(width, MIXED, 1) for width in WIDTHS[1:])
        self.smooth = nn.ModuleList(_conv(MIXED, MIXED) for _ in WIDTHS[1:])
        self.head = nn.Conv2d(MIXED, 1, 1)

    def forward(self, pixels: Tensor) -> Tensor:
        x = self.stem((pixels - 128) / 64)
        seen = []
        for stage in self.stages:
            x = stage(x)
            seen.append(x)
        seen[-1] = self.deep(seen[-1])
        mixed = self.smooth[-1](self.laterals[-1](seen[-1]))
        for n in range(len(seen) - 2, -1, -1):
            wider = functional.interpolate(mixed, scale_factor=2.0, mode="nearest")
            mixed = self.smooth[n](wider + self.laterals[n](seen[n]))
        logits: Tensor = self.head(mixed)
        return logits


class Shipped(nn.Module):
    """A network that learned, to be exported: weights of 16 bits, pixels and shares (n, 1, h / 4, w / 4) of 32."""

    def __init__(self, net: SealNet) -> None:
        super().__init__()
        self.net = net.half().eval()

    def forward(self, pixels: Tensor) -> Tensor:
        logits: Tensor = self.net(pixels.half())
        return torch.sigmoid(logits.float())


def loss(logits: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """How wrong each cell is, the doubtful ones more, and how much of each scene's seals is missed or invented."""
    share = torch.sigmoid(logits)
    single = functional.binary_cross_entropy_with_logits(logits, truth, weight=weight, reduction="none")
    focal = (single * (truth - share).abs().clamp(0.05)).mean() * 4
    both = (share * truth * weight).sum((1, 2, 3))
    each = ((share + truth) * weight).sum((1, 2, 3))
    return focal + (1 - (2 * both + 8) / (each + 8)).mean() * 0.5
