import {
  assemble,
  loadWord,
  ret,
  whenAnyBit,
  whenAtLeast,
  whenEqual,
  whenNotEqual,
  type BpfInstruction,
} from './bpf.js';
import { deniedSyscalls, judgedSyscall, type Architecture } from './denied-syscalls.js';

// linux/seccomp.h
const ALLOW = ret(0x7fff_0000);
const KILL_PROCESS = ret(0x8000_0000);
const refuse = (errno: number): BpfInstruction => ret(0x0005_0000 | errno);
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

// struct seccomp_data: nr, arch, instruction pointer, six arguments of 64 bits. The low word of an argument comes first.
const NUMBER = 0;
const ARCHITECTURE = 4;
const argument = (index: number): number => 16 + index * 8;

/** AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64 in linux/audit.h */
const AUDIT_ARCHITECTURE: Readonly<Record<Architecture, number>> = { x64: 0xc000_003e, arm64: 0xc000_00b7 };
const X32_BIT = 0x4000_0000;

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const NETLINK_ROUTE = 0;

/** CLONE_* of linux/sched.h: NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const CLONE_NAMESPACES =
  0x0002_0000 | 0x0200_0000 | 0x0400_0000 | 0x0800_0000 | 0x1000_0000 | 0x2000_0000 | 0x4000_0000;

/** Both put characters into a terminal's input, as if its owner had typed them (CVE-2017-5226). */
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;

/**
 * The filter of a sandbox: everything is allowed but a list. It narrows the kernel that an agent can touch; what holds the
 * agent is namespaces, no capabilities and no network. Code of another architecture (i386, x32) is killed, because the
 * numbers mean other calls there.
 */
export function seccompFilter(architecture: Architecture): Uint8Array {
  return assemble([
    loadWord(ARCHITECTURE),
    ...whenNotEqual(AUDIT_ARCHITECTURE[architecture], [KILL_PROCESS]),
    loadWord(NUMBER),
    ...(architecture === 'x64' ? whenAtLeast(X32_BIT, [KILL_PROCESS]) : []),
    ...[...deniedSyscalls(architecture).values()].flatMap((number) => whenEqual(number, [refuse(EPERM)])),
    ...whenEqual(judgedSyscall('socket', architecture), judgeSocket()),
    ...whenEqual(judgedSyscall('clone', architecture), judgeClone()),
    // Its flags are behind a pointer that a filter cannot follow; libc falls back to clone.
    ...whenEqual(judgedSyscall('clone3', architecture), [refuse(ENOSYS)]),
    ...whenEqual(judgedSyscall('ioctl', architecture), judgeIoctl()),
    ALLOW,
  ]);
}

/** Unix and IP, and of netlink what getifaddrs(3) asks; no vsock, packet, alg, bluetooth. */
function judgeSocket(): BpfInstruction[] {
  return [
    loadWord(argument(0)),
    ...[AF_UNIX, AF_INET, AF_INET6].flatMap((family) => whenEqual(family, [ALLOW])),
    ...whenNotEqual(AF_NETLINK, [refuse(EAFNOSUPPORT)]),
    loadWord(argument(2)),
    ...whenEqual(NETLINK_ROUTE, [ALLOW]),
    refuse(EAFNOSUPPORT),
  ];
}

function judgeClone(): BpfInstruction[] {
  return [loadWord(argument(0)), ...whenAnyBit(CLONE_NAMESPACES, [refuse(EPERM)]), ALLOW];
}

function judgeIoctl(): BpfInstruction[] {
  return [
    loadWord(argument(1)),
    ...[TIOCSTI, TIOCLINUX].flatMap((request) => whenEqual(request, [refuse(EPERM)])),
    ALLOW,
  ];
}
