"""Whether a machine computes in bfloat16, by what its kernel and its driver say of it."""

import pytest

from sweep.util.machine import Machine

X86 = "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu avx2 {}\n\nprocessor\t: 1\n"
ARM = "processor\t: 0\nFeatures\t: fp asimd {}\nCPU implementer\t: 0x41\n"


@pytest.fixture
def cpuinfo(tmp_path):
    """Writes the kernel's description of a processor."""

    def write(text):
        path = tmp_path / "cpuinfo"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """A driver of GPUs that prints this of them, beside a backend that has its CUDA package."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    def write(script, package="nvidia_cudnn_cu12"):
        program = tmp_path / "nvidia-smi"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        metadata = tmp_path / f"{package}-9.1.dist-info" / "METADATA"
        metadata.parent.mkdir()
        metadata.write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 9.1\n")
        monkeypatch.syspath_prepend(tmp_path)

    return write


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (X86.format("amx_tile amx_bf16 amx_int8"), True),
        (X86.format("avx512f avx512_bf16"), True),
        (X86.format("avx512f avx512_vnni"), False),
        (ARM.format("i8mm bf16"), True),
        (ARM.format("i8mm"), False),
        (X86.replace("flags", "bugs").format("amx_bf16"), False),
        ("", False),
    ],
)
def test_a_processor_has_it_by_its_flags(cpuinfo, text, expected):
    assert Machine("tensorflow", cpuinfo(text)).computes_bfloat16 is expected


def test_where_the_kernel_tells_nothing_there_is_none(tmp_path):
    assert not Machine("tensorflow", tmp_path / "nothing").computes_bfloat16


def test_jax_does_not_use_what_a_processor_has(cpuinfo):
    assert not Machine("jax", cpuinfo(X86.format("amx_bf16"))).computes_bfloat16


@pytest.mark.parametrize(
    ("told", "expected"),
    [("8.0", True), ("9.0\n10.0", True), ("7.5", False), ("9.0\n7.5", False)],
)
def test_of_gpus_all_must_have_it_whatever_the_processor(cpuinfo, driver, told, expected):
    driver(f'[ "$1" = --query-gpu=compute_cap ] && printf "{told}\\n"')
    assert Machine("tensorflow", cpuinfo("")).computes_bfloat16 is expected
    amx = cpuinfo(X86.format("amx_bf16"))
    assert Machine("tensorflow", amx).computes_bfloat16 is expected


def test_jax_uses_gpus_by_a_package_of_its_own(cpuinfo, driver):
    driver("echo 9.0", package="jax_cuda13_plugin")
    assert Machine("jax", cpuinfo("")).computes_bfloat16
    assert not Machine("tensorflow", cpuinfo("")).computes_bfloat16


@pytest.mark.parametrize("script", ["exit 9", "echo '[N/A]'", "true"])
def test_a_driver_that_tells_nothing_leaves_it_to_the_processor(cpuinfo, driver, script):
    driver(script)
    assert not Machine("tensorflow", cpuinfo("")).computes_bfloat16
    assert Machine("tensorflow", cpuinfo(X86.format("amx_bf16"))).computes_bfloat16


def test_hidden_gpus_do_not_count(cpuinfo, driver, monkeypatch):
    driver("echo 9.0")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert not Machine("tensorflow", cpuinfo("")).computes_bfloat16
