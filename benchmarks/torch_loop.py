"""A webcam loop in PyTorch on the CPU, picture by picture: decode, resize, the alphabet tutorial's CNN; no web, no server.

    python benchmarks/torch_loop.py SECONDS THREADS picture.jpg …

Prints pictures a second. Needs torch, which Handspell does not: name an environment's Python to `benchmarks.peers --torch`.
"""

import itertools
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn

SIZE, LABELS = 224, 29


def network() -> nn.Module:
    """As `training.architectures.custom_cnn`, 277,949 parameters."""
    layers: list[nn.Module] = []
    inputs = 3
    for width, kernel in ((16, 5), (32, 5), (64, 3), (128, 5)):
        layers += [nn.Conv2d(inputs, width, kernel), nn.ReLU(), nn.MaxPool2d(2)]
        inputs = width
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 256), nn.ReLU(), nn.Linear(256, LABELS)]
    return nn.Sequential(*layers, *head, nn.Softmax(dim=1)).eval()


def main() -> None:
    seconds, threads, names = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    torch.set_num_threads(threads)
    pictures = [np.frombuffer(Path(name).read_bytes(), np.uint8) for name in names]
    model = network()
    assert sum(weights.numel() for weights in model.parameters()) == 277_949
    done, started = 0, 0.0
    with torch.inference_mode():
        for picture in itertools.cycle(pictures):
            rgb = cv2.resize(cv2.cvtColor(cv2.imdecode(picture, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB), (SIZE, SIZE))
            int(model(torch.from_numpy(rgb).permute(2, 0, 1)[None].float() / 255).argmax())
            if not started:
                started = time.monotonic()  # the first picture warms up
                continue
            done += 1
            if time.monotonic() - started > seconds:
                break
    print(done / (time.monotonic() - started))


if __name__ == "__main__":
    main()
