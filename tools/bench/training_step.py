"""The embedded detector in PyTorch, as a PyTorch user would write it, for tools/bench/training-step.mjs only.

Dense convolutions times soft masks, as the paper trains: the released code multiplies by the mask and never skips anything. The RBF is
separable here too. Layouts inside are PyTorch's (NCHW shapes); parameters arrive as HWIO in a safetensors file and carry the same names.
Commands come as JSON lines on stdin, answers go to stdout.
"""

import argparse
import json
import math
import struct
import sys
import time

import torch
import torch.nn.functional as F

EPSILON = 1e-8  # of the Gumbel softmax
NORM = 1e-5  # of the interpolation and of the batch norms


def read_safetensors(path):
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
        body = bytearray(file.read())
    kinds = {"F32": torch.float32, "I32": torch.int32}
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        flat = torch.frombuffer(body, dtype=kinds[entry["dtype"]], count=(end - start) // 4, offset=start) if end > start else torch.empty(0)
        tensors[name] = flat.reshape(entry["shape"]).clone()
    return tensors


def gumbel_mask(logits, u, v, temperature):
    p = torch.sigmoid(logits)
    g = -torch.log(-torch.log(u + EPSILON) + EPSILON)
    h = -torch.log(-torch.log(v + EPSILON) + EPSILON)
    return torch.sigmoid((torch.log(p + EPSILON) - torch.log(1 - p + EPSILON) + g - h) / temperature), p


def with_grid(mask, interval):
    grid = torch.zeros(1, 1, *mask.shape[2:])
    grid[:, :, ::interval, ::interval] = 1
    return mask * (1 - grid) + grid


class Rbf:
    """OUT = M F + (1 - M) DWConv(F M, K) / (Conv(M, K) + e) with K separable; `axes` says how the two passes are computed."""

    def __init__(self, window, axes):
        self.radius = window // 2
        self.passes = self.depthwise if axes == "depthwise" else self.banded

    def __call__(self, features, mask, sigma):
        sampled = features * mask
        norm = self.passes(mask, sigma) + NORM
        return sampled + (1 - mask) * (self.passes(sampled, sigma) / norm)

    def line(self, distance, sigma):
        return sigma / math.sqrt(2 * math.pi) * torch.exp(-0.5 * sigma * sigma * distance * distance)

    def depthwise(self, x, sigma):
        r, channels = self.radius, x.shape[1]
        k = self.line(torch.arange(-r, r + 1, dtype=torch.float32), sigma)
        x = F.conv2d(x, k.view(1, 1, 1, -1).expand(channels, 1, 1, -1), padding=(0, r), groups=channels)
        return F.conv2d(x, k.view(1, 1, -1, 1).expand(channels, 1, -1, 1), padding=(r, 0), groups=channels)

    def banded(self, x, sigma):
        return torch.matmul(self.band(x.shape[2], sigma), torch.matmul(x, self.band(x.shape[3], sigma)))

    def band(self, size, sigma):
        at = torch.arange(size, dtype=torch.float32)
        distance = at[:, None] - at[None, :]
        return self.line(distance, sigma) * (distance.abs() <= self.radius)


class Detector:
    def __init__(self, config, tensors, axes):
        self.config = config
        self.rbf = Rbf(config["window"], axes)
        channels_last = torch.channels_last if config["channels_last"] else torch.contiguous_format
        self.parameters, self.buffers = {}, {}
        for name, value in tensors.items():
            if value.dim() == 4:
                value = value.permute(3, 2, 0, 1).contiguous(memory_format=channels_last)
            if "running_" in name:
                self.buffers[name] = value
            else:
                self.parameters[name] = value.requires_grad_()

    def conv(self, x, name, stride=1):
        weight = self.parameters[f"{name}.weight"]
        return F.conv2d(x, weight, self.parameters.get(f"{name}.bias"), stride=stride, padding=weight.shape[2] // 2)

    def unit(self, x, conv, norm, stride=1):
        p, b = self.parameters, self.buffers
        statistics = (b[f"{norm}.running_mean"], b[f"{norm}.running_var"])
        return F.batch_norm(self.conv(x, conv, stride), *statistics, p[f"{norm}.weight"], p[f"{norm}.bias"], training=False, eps=NORM)

    def mask(self, x, name, stride, temperature, noise):
        logits = self.conv(x, name, stride)
        u, v = noise(name, logits.shape)
        mask, probability = gumbel_mask(logits, u, v, temperature)
        return with_grid(mask, self.config["interval"]), probability

    def block(self, x, name, stride, temperature, noise):
        m1, p1 = self.mask(x, f"{name}.conv1_mask", 1, temperature, noise)
        m2, p2 = self.mask(x, f"{name}.conv2_mask", stride, temperature, noise)
        p = self.parameters
        h = self.rbf(F.relu(self.unit(x, f"{name}.conv1", f"{name}.bn1")), m1, p[f"{name}.conv1_sigma"])
        h = self.rbf(F.relu(self.unit(h, f"{name}.conv2", f"{name}.bn2", stride)), m2, p[f"{name}.conv2_sigma"])
        shortcut = self.unit(x, f"{name}.downsample.0", f"{name}.downsample.1", stride) if f"{name}.downsample.0.weight" in p else x
        y = F.relu(self.unit(h, f"{name}.conv3", f"{name}.bn3") + shortcut)
        return y, 0.25 * p1.mean() + 0.75 * p2.mean()

    def forward(self, x, temperature, noise):
        body = "backbone.body"
        x = F.relu(self.unit(x, f"{body}.conv1", f"{body}.bn1", 2))
        x = F.relu(self.unit(x, f"{body}.conv2", f"{body}.bn2", 2))
        features, sparse = [], []
        for stage, count in enumerate(self.config["layers"]):
            for i in range(count):
                stride = 2 if i == 0 and stage > 0 else 1
                x, share = self.block(x, f"{body}.layer{stage + 1}.{i}", stride, temperature, noise)
                sparse.append(share)
            features.append(x)
        above = None
        for i in reversed(range(len(features))):
            inner = self.conv(features[i], f"backbone.fpn.inner_blocks.{i}.0")
            above = inner if above is None else inner + F.interpolate(above, size=inner.shape[2:], mode="nearest")
        x = self.conv(above, "backbone.fpn.layer_blocks.0.0")
        for i in range(self.config["convs"]):
            x = F.relu(self.conv(x, f"head.conv.{i}"))
        return self.conv(x, "head.cls_logits"), self.conv(x, "head.bbox_reg"), torch.stack(sparse).mean()


def assign(boxes, labels, height, width, stride, radius):
    """Box of each cell: inside the box, near its centre, the smallest wins. Returns cells, their labels and distances in strides."""
    y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    x, y = x.flatten()[:, None] * stride, y.flatten()[:, None] * stride
    x1, y1, x2, y2 = boxes.T
    sides = torch.stack([x - x1, y - y1, x2 - x, y2 - y], 2)
    near = ((x - (x1 + x2) / 2).abs() < radius * stride) & ((y - (y1 + y2) / 2).abs() < radius * stride)
    area = ((x2 - x1) * (y2 - y1)).expand(len(x), -1).masked_fill(~(near & (sides.min(2).values > 0)), math.inf)
    smallest, owner = area.min(1)
    cells = torch.nonzero(smallest < math.inf).flatten()
    return cells, labels[owner[cells]], sides[cells, owner[cells]] / stride


def targets_of(batch, height, width, stride):
    parts = []
    for image, (boxes, labels) in enumerate(batch):
        cells, classes, distances = assign(boxes, labels, height, width, stride, 1.5)
        parts.append((cells + image * height * width, classes, distances))
    return [torch.cat(part) for part in zip(*parts)]


def focal(logits, targets):
    p = torch.sigmoid(logits)
    miss = torch.where(targets > 0, 1 - p, p)
    weight = torch.where(targets > 0, 0.25, 0.75)
    return (weight * miss * miss * F.binary_cross_entropy_with_logits(logits, targets, reduction="none")).sum()


def giou(prediction, goal):
    inner = torch.minimum(prediction, goal)
    outer = torch.maximum(prediction, goal)
    span = lambda d: (d[:, 0] + d[:, 2]) * (d[:, 1] + d[:, 3])
    overlap, hull = span(inner), span(outer)
    union = span(prediction) + span(goal) - overlap
    return (1 - overlap / (union + 1e-7) + (hull - union) / (hull + 1e-7)).sum()


class Trainer:
    def __init__(self, options):
        self.start(**options)

    def start(self, config, file, axes):
        tensors = read_safetensors(file)
        take = lambda prefix: {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}
        self.config = config
        self.detector = Detector(config, take("parameter."), axes)
        self.images = tensors["images"].permute(0, 3, 1, 2)  # NHWC memory: channels_last as it is
        if not config["channels_last"]:
            self.images = self.images.contiguous()
        self.boxes = [(tensors[f"boxes.{i}"], tensors[f"labels.{i}"].long()) for i in range(len(self.images))]
        self.noise = take("noise.")
        groups = [
            {"params": [p for n, p in self.detector.parameters.items() if pattern(n)], "lr": config["lr"] * scale}
            for pattern, scale in [
                (lambda n: "_mask." in n, config["groups"]["mask"]),
                (lambda n: n.endswith("_sigma"), config["groups"]["sigma"]),
                (lambda n: "_mask." not in n and not n.endswith("_sigma"), 1),
            ]
        ]
        adamw = config["optimizer"]
        betas = (adamw["beta1"], adamw["beta2"])
        self.optimizer = torch.optim.AdamW(groups, betas=betas, eps=adamw["epsilon"], weight_decay=adamw["weightDecay"])

    def given_noise(self, name, shape):
        both = self.noise[name]
        return both[0].reshape(shape), both[1].reshape(shape)

    def fresh_noise(self, _, shape):
        return torch.rand(shape), torch.rand(shape)

    def step(self, noise):
        logits, log_distances, sparse = self.detector.forward(self.images, self.config["temperature"], noise)
        height, width = logits.shape[2:]
        cells, classes, distances = targets_of(self.boxes, height, width, self.config["stride"])
        rows = logits.permute(0, 2, 3, 1).reshape(-1, logits.shape[1])
        goal = torch.zeros_like(rows)
        goal[cells, classes] = 1
        count = max(len(cells), 1)
        predicted = log_distances.permute(0, 2, 3, 1).reshape(-1, 4)[cells]
        loss = 2 * focal(rows, goal) / count + giou(predicted.clamp(max=8).exp(), distances) / count
        loss = loss + self.config["sparseWeight"] * sparse
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.get_total_norm([p.grad for p in self.detector.parameters.values()])
        values = {"loss": loss.item(), "norm": norm.item()}
        self.optimizer.step()
        return values

    def run(self, steps):
        times = []
        for _ in range(steps):
            wall, cpu = time.perf_counter(), time.process_time()
            self.step(self.fresh_noise)
            times.append({"wall": (time.perf_counter() - wall) * 1e3, "cpu": (time.process_time() - cpu) * 1e3})
        return times


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    torch.set_num_threads(parser.parse_args().threads)
    torch.manual_seed(1)
    trainer = None
    answer = lambda value: print(json.dumps(value), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        if command["op"] == "start":
            trainer = Trainer(command["options"])
            count = sum(p.numel() for p in trainer.detector.parameters.values())
            answer({"version": torch.__version__, "parameters": count})
        elif command["op"] == "check":
            answer([trainer.step(trainer.given_noise) for _ in range(command["steps"])])
        elif command["op"] == "run":
            answer(trainer.run(command["steps"]))


if __name__ == "__main__":
    main()
