"""Trains the network on scenes that are drawn meanwhile, and writes it for the worker.

python -m bench.seal_net.train OUT --minutes 60 --seed 1
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from bench.seal_net.network import SealNet, Shipped, loss
from bench.seal_net.pictures import photographs
from bench.seal_net.stock import Stock, empty, painters

BATCH = 16
WARMING = 200  # steps until the rate is at its fastest
ENOUGH = 400  # scenes to begin with
SAVED, TOLD = 300, 60  # seconds


def train(ask: argparse.Namespace) -> None:
    """Until the time is up; OUT/seal.pt and OUT/seal.onnx are written every five minutes and at the end.

    Raises torch.multiprocessing.ProcessException when a painter dies, with its error.
    """
    torch.manual_seed(ask.seed)
    torch.set_num_threads(1)  # two that wait for each other take longer where others work
    stock = empty()
    drawing = painters(stock, ask.painters, ask.seed, photographs(ask.photographs) if ask.photographs else ())
    net = SealNet().to(memory_format=torch.channels_last)
    if ask.resume:
        net.load_state_dict(torch.load(ask.resume))
    soft = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.995), use_buffers=True)
    while stock.drawn.value < ENOUGH:
        drawing.join(timeout=1)
    learner, dice, seconds = Learner(net, ask.fastest), np.random.default_rng(ask.seed), ask.minutes * 60
    begin, saved, told = time.monotonic(), 0.0, 0.0
    while (gone := time.monotonic() - begin) < seconds:
        drawing.join(timeout=0)
        learner.step(stock, gone / seconds, dice)
        soft.update_parameters(net)
        if gone - told > TOLD:
            told = gone
            print(f"{gone / 60:.0f} min: {learner.told(stock)}", flush=True)
        if gone - saved > SAVED:
            saved = gone
            write(soft.module, ask.out)
    write(soft.module, ask.out)


class Learner:
    """The network and what its steps leave behind."""

    def __init__(self, net: nn.Module, fastest: float) -> None:
        self.net = net
        self.fastest = fastest
        self.steps = 0
        self.wrong = 0.7  # the loss, smoothed
        self.descent = torch.optim.AdamW(net.parameters(), lr=fastest, weight_decay=1e-2)

    def step(self, stock: Stock, share: float, dice: np.random.Generator) -> None:
        """One batch, at a `share` of the time: the rate falls like half a cosine to a fiftieth."""
        rate = self.fastest * min(1.0, self.steps / WARMING) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))
        for group in self.descent.param_groups:
            group["lr"] = rate
        pixels, truth, weight = stock.batch(BATCH, dice)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = self.net(pixels)
        wrong: Tensor = loss(logits.float(), truth, weight)
        self.descent.zero_grad()
        wrong.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 2.0)
        self.descent.step()
        self.steps, self.wrong = self.steps + 1, 0.98 * self.wrong + 0.02 * wrong.item()

    def told(self, stock: Stock) -> str:
        return f"{self.steps} steps, {stock.drawn.value} scenes drawn, loss {self.wrong:.4f}"


def write(net: nn.Module, out: Path) -> None:
    """OUT/seal.pt to go on from, OUT/seal.onnx: pixels (1, 3, h, w) of 0..255 BGR -> share (1, 1, h / 4, w / 4)."""
    out.mkdir(parents=True, exist_ok=True)
    torch.save(net.state_dict(), out / "seal.pt")
    export = SealNet()
    export.load_state_dict(net.state_dict())
    torch.onnx.export(
        Shipped(export),
        (torch.zeros(1, 3, 640, 480),),
        str(out / "seal.onnx"),
        input_names=["pixels"],
        output_names=["share"],
        dynamic_axes={"pixels": {2: "height", 3: "width"}},
        dynamo=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", type=Path, help="weights (.pt) to go on from")
    parser.add_argument("--photographs", type=Path, help="a folder of pictures that pages bear besides the generator's")
    parser.add_argument("--painters", type=int, default=2, help="processes that draw; training takes one more")
    parser.add_argument("--fastest", type=float, default=2e-3, help="the rate of learning, at most")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
