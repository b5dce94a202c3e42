"""What the decoder process gives up once it is ready: memory and files without bound, the network, other programs."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import struct

from mangping_redaction.stages.decode_limits import Limits

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER_MODE = 38, 22, 2
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _DENY = 0x7FFF0000, 0x00050000 | errno.EPERM
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

# By architecture: (audit id, openat, denied). Denied, in this order where it exists: socket connect bind listen;
# execve execveat fork vfork clone clone3; ptrace process_vm_writev kill; open's kin for writing (open creat openat2
# truncate unlink unlinkat rename renameat renameat2 mkdir mkdirat link linkat symlink symlinkat chmod fchmodat mount);
# io_uring_setup bpf.
_CALLS: dict[str, tuple[int, int, tuple[int, ...]]] = {
    "x86_64": (0xC000003E, 257, (
        41, 42, 49, 50, 59, 322, 57, 58, 56, 435, 101, 311, 62,
        2, 85, 437, 76, 87, 263, 82, 264, 316, 83, 258, 86, 265, 88, 266, 90, 268, 165, 425, 321,
    )),
    "aarch64": (0xC00000B7, 56, (
        198, 203, 200, 201, 221, 281, 220, 435, 117, 271, 129,
        437, 45, 35, 38, 276, 34, 37, 36, 53, 40, 425, 280,
    )),
}  # fmt: skip


def limit_resources(limits: Limits) -> None:
    """Hard limits, inherited by nothing: the process cannot raise them again (unless it runs as root)."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.pixels * 3 + 1, limits.pixels * 3 + 1))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def limit_cpu(seconds: int) -> None:
    """So many CPU seconds from now, then SIGXCPU ends the process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, resource.RLIM_INFINITY))


def forbid_calls() -> bool:
    """No network, no new program, no file for writing, by a seccomp filter. False where the machine knows none."""
    calls = _CALLS.get(platform.machine())
    if calls is None:
        return False
    program = _program(*calls)
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(program, len(program))
    fprog = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    return not libc.prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.create_string_buffer(fprog, len(fprog)), 0, 0)


def _program(arch: int, openat: int, denied: tuple[int, ...]) -> bytes:
    """The filter: another ABI or a denied call -> EPERM; openat only for reading; all else allowed."""
    head = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, arch), (_RETURN, 0, 0, _DENY), (_LOAD, 0, 0, 0)]
    head += [(_AT_LEAST, 0, 1, 0x40000000), (_RETURN, 0, 0, _DENY)]
    for call in denied:
        head += [(_EQUAL, 0, 1, call), (_RETURN, 0, 0, _DENY)]
    head += [(_EQUAL, 0, 3, openat), (_LOAD, 0, 0, 32), (_ANY_BIT, 0, 1, _WRITING), (_RETURN, 0, 0, _DENY)]
    head += [(_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", *step) for step in head)
