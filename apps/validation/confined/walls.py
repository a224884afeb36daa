"""The walls around a confined process, each closed where the system has it.

In order: resource limits, no new privileges, namespaces of its own (unshare(2)), no path in the
file system (landlock(7)), an account that owns nothing, and no system call that reaches out, starts
a program or a process (seccomp(2)). What was imported before stays usable; nothing else is.
"""

import contextlib
import ctypes
import errno
import os
import resource
import signal
import sys

try:
    import pyseccomp
except (ImportError, OSError, RuntimeError):  # the system has no libseccomp
    pyseccomp = None

NO_NETWORK = "no network"
NO_FILES = "no files"
NO_PROCESSES = "no other processes"
OWN_USER = "an account of its own"
LIMITED = "limited memory, processor time and output"
NEEDED_TO_RUN_MODELS = frozenset({NO_NETWORK, NO_FILES, NO_PROCESSES, LIMITED})

MIB = 2**20
NOBODY = 65534
MOST_DESCRIPTORS = 64
MOST_TASKS = 4096
"""Threads and processes of the account; more would starve what else runs on the machine."""
SPARE_SECONDS = 5

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_DUMPABLE = 1, 38, 4
_CLONE_NEWUTS, _CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWNET = (
    0x04000000,
    0x08000000,
    0x10000000,
    0x40000000,
)
_CLONE_THREAD = 0x00010000
_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 444, 446
_LANDLOCK_VERSION = 1
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many of landlock's file rights a version of it knows; later ones know sixteen."""

_OUTWARD = """socket socketpair connect bind listen accept accept4 sendmmsg""".split()
_FILES = """open openat openat2 creat mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2
    link linkat symlink symlinkat truncate chmod fchmodat chown fchownat mknod mknodat mount umount2
    pivot_root chroot open_by_handle_at name_to_handle_at memfd_create""".split()
_PROCESSES = """execve execveat fork vfork ptrace process_vm_readv process_vm_writev kill tkill
    rt_sigqueueinfo rt_tgsigqueueinfo setns unshare pidfd_open pidfd_getfd pidfd_send_signal
    io_uring_setup io_uring_enter io_uring_register bpf perf_event_open userfaultfd keyctl add_key
    request_key init_module finit_module kexec_load reboot shmget msgget semget""".split()
_SIGNAL_OTHERS = (8, 10, 15)
"""fcntl(2) F_SETOWN, F_SETSIG and F_SETOWN_EX: they have the kernel send a signal."""


def close(memory: int, seconds: int) -> tuple[str, ...]:
    """Close every wall there is; return in words which ones hold.

    Args:
        memory: MiB the process may take on top of what it has now.
        seconds: processor time it may take from now on.
    """
    held = [LIMITED] if _limit(memory, seconds) else []
    if sys.platform != "linux":
        return tuple(held)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    own_network = _leave(libc)
    no_paths = _hide_files(libc)
    own_user = _become_nobody()
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    filtered = _forbid_calls()
    walls = (
        (NO_NETWORK, own_network or filtered),
        (NO_FILES, no_paths or filtered),
        (NO_PROCESSES, filtered),
        (OWN_USER, own_user),
    )
    return (*held, *(name for name, holds in walls if holds))


def end_with_parent() -> None:
    """Ask the kernel to end this process when the worker that started it is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit(memory: int, seconds: int) -> bool:
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    limits = {
        resource.RLIMIT_AS: _address_space() + memory * MIB,
        resource.RLIMIT_CPU: spent + seconds + SPARE_SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: MOST_DESCRIPTORS,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: _at_most(resource.RLIMIT_NPROC, MOST_TASKS),
    }
    try:
        for limit, most in limits.items():
            resource.setrlimit(limit, (most, most))
    except (OSError, ValueError):
        return False
    return True


def _at_most(limit: int, most: int) -> int:
    """Return a limit as it is, or less where it allows more."""
    _, hard = resource.getrlimit(limit)
    return most if hard == resource.RLIM_INFINITY else min(most, hard)


def _address_space() -> int:
    """Return the bytes of address space in use now; a guess where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - before any wall is closed
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 1024 * MIB


def _leave(libc: ctypes.CDLL) -> bool:
    """Move to namespaces of its own, with a user namespace where the system asks for one."""
    apart = _CLONE_NEWNET | _CLONE_NEWIPC | _CLONE_NEWUTS
    if os.geteuid() != 0:
        apart |= _CLONE_NEWUSER
    return bool(libc.unshare(apart) == 0)


def _hide_files(libc: ctypes.CDLL) -> bool:
    """Take every path away by a landlock ruleset that allows none."""
    version = libc.syscall(_LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_VERSION)
    if version < 1:
        return False
    rights = ctypes.c_uint64((1 << _FILE_RIGHTS.get(version, 16)) - 1)
    ruleset = libc.syscall(_LANDLOCK_CREATE_RULESET, ctypes.byref(rights), 8, 0)
    if ruleset < 0:
        return False
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    restricted = libc.syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    return bool(restricted == 0)


def _become_nobody() -> bool:
    """Give up root; whoever is not root stays who they are."""
    if os.geteuid() != 0:
        return False
    try:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError:
        return False
    return True


def _forbid_calls() -> bool:
    """Refuse system calls that reach out; threads stay allowed, processes do not."""
    if pyseccomp is None:
        return False
    refused = pyseccomp.ERRNO(errno.EPERM)
    try:
        calls = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        calls.set_attr(pyseccomp.Attr.CTL_TSYNC, 1)  # threads a library started count too
        for name in (*_OUTWARD, *_FILES, *_PROCESSES):
            with contextlib.suppress(OSError, ValueError):  # this machine has no such call
                calls.add_rule(refused, name)
        # send(2) on the one line that is left is sendto(2) without an address.
        calls.add_rule(refused, "sendto", pyseccomp.Arg(4, pyseccomp.NE, 0))
        # A library may end its own process; others of the same account are out of reach.
        calls.add_rule(refused, "tgkill", pyseccomp.Arg(0, pyseccomp.NE, os.getpid()))
        calls.add_rule(refused, "prlimit64", pyseccomp.Arg(0, pyseccomp.NE, 0))
        for command in _SIGNAL_OTHERS:
            calls.add_rule(refused, "fcntl", pyseccomp.Arg(1, pyseccomp.EQ, command))
        no_thread = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, 0)
        calls.add_rule(refused, "clone", no_thread)
        # glibc falls back to clone(2), whose flags a filter can see.
        calls.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
        calls.load()
    except (OSError, RuntimeError, ValueError):
        return False
    return True
