# SPDX-License-Identifier: GPL-3.0-or-later
"""Training on several GPUs with ``torchrun``; alone, every function here does nothing."""

import os
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.nn.utils import parameters_to_vector, vector_to_parameters


def usual_device() -> torch.device:
    """The graphics card where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def start() -> tuple[int, int, torch.device]:
    """Join the other processes that torchrun has started.

    Returns:
        This process's number, how many there are, and its device.
    """
    cuda = torch.cuda.is_available()
    if "RANK" not in os.environ:
        return 0, 1, usual_device()
    dist.init_process_group("nccl" if cuda else "gloo")
    device = torch.device("cpu")
    if cuda:
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    return dist.get_rank(), dist.get_world_size(), device


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Replace each gradient by its mean over the processes, in one exchange."""
    if not dist.is_initialized():
        return
    gradients = [p.grad for p in parameters if p.grad is not None]
    flat = parameters_to_vector(gradients)
    dist.all_reduce(flat)
    vector_to_parameters(flat / dist.get_world_size(), gradients)


def mean_of_all(value: Tensor) -> Tensor:
    """A number's mean over the processes, so that all decide alike."""
    if dist.is_initialized():
        dist.all_reduce(value)
        value = value / dist.get_world_size()
    return value


def agreed(seconds: float) -> float:
    """A time's mean over the processes; alone, nothing is sent to the device, where it would wait for a step."""
    if not dist.is_initialized():
        return seconds
    device = "cuda" if dist.get_backend() == "nccl" else "cpu"
    return float(mean_of_all(torch.tensor(seconds, device=device)))


def finish() -> None:
    """Leave the other processes."""
    if dist.is_initialized():
        dist.destroy_process_group()
