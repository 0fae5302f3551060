import { describe, expect, it } from '@jest/globals';
import { deniedSyscalls, judgedSyscall, type Architecture } from './denied-syscalls.js';
import { seccompFilter } from './seccomp-filter.js';

const ALLOW = 0x7fff_0000;
const KILL = 0x8000_0000;
const errno = (number: number): number => 0x0005_0000 | number;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;
const AUDIT = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;

interface Call {
  readonly number: number;
  readonly arch: number;
  readonly args?: readonly bigint[];
}

/** What the kernel would answer: net/core/filter.c, for the instructions that we use. */
function evaluate(program: Uint8Array, call: Call): number {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, call.number, true);
  data.setUint32(4, call.arch, true);
  for (const [index, value] of (call.args ?? []).entries()) data.setBigUint64(16 + index * 8, value, true);
  const code = new DataView(program.buffer);
  let accumulator = 0;
  for (let at = 0; at < program.length / 8; at += 1) {
    const [op, jt, jf, k] = [
      code.getUint16(at * 8, true),
      code.getUint8(at * 8 + 2),
      code.getUint8(at * 8 + 3),
      code.getUint32(at * 8 + 4, true),
    ];
    if (op === 0x20) accumulator = data.getUint32(k, true);
    else if (op === 0x06) return k;
    else if (op === 0x15) at += accumulator === k ? jt : jf;
    else if (op === 0x35) at += accumulator >= k ? jt : jf;
    else if (op === 0x45) at += (accumulator & k) !== 0 ? jt : jf;
    else throw new Error(`instruction ${op}`);
  }
  throw new Error('the filter ends without an answer');
}

describe.each<Architecture>(['x64', 'arm64'])('the system call filter of %s', (architecture) => {
  const filter = seccompFilter(architecture);
  const arch = AUDIT[architecture];
  const judge = (number: number, ...args: bigint[]): number => evaluate(filter, { number, arch, args });

  it('refuses each call of the list', () => {
    const denied = deniedSyscalls(architecture);
    expect(denied.size).toBeGreaterThan(45);
    for (const [name, number] of denied) expect([name, judge(number)]).toEqual([name, errno(EPERM)]);
  });

  it('allows every other call', () => {
    const special = new Set([
      ...deniedSyscalls(architecture).values(),
      ...(['socket', 'clone', 'clone3', 'ioctl'] as const).map((name) => judgedSyscall(name, architecture)),
    ]);
    for (let number = 0; number < 480; number += 1) {
      if (!special.has(number)) expect([number, judge(number)]).toEqual([number, ALLOW]);
    }
  });

  it('kills code of another architecture', () => {
    for (const foreign of [0x4000_0003, 0xc000_003e, 0xc000_00b7, 0, 0xffff_ffff].filter((each) => each !== arch)) {
      expect(evaluate(filter, { number: 0, arch: foreign })).toBe(KILL);
    }
  });

  it('lets sockets be Unix, IP and route netlink alone', () => {
    const socket = judgedSyscall('socket', architecture);
    for (const family of [1n, 2n, 10n]) expect(judge(socket, family, 1n, 0n)).toBe(ALLOW);
    expect(judge(socket, 16n, 3n, 0n)).toBe(ALLOW);
    for (const protocol of [9n, 15n, 16n]) expect(judge(socket, 16n, 3n, protocol)).toBe(errno(EAFNOSUPPORT));
    for (const family of [0n, 3n, 5n, 17n, 21n, 31n, 38n, 40n, 44n])
      expect(judge(socket, family, 1n, 0n)).toBe(errno(EAFNOSUPPORT));
    // The kernel takes the low half of the register.
    expect(judge(socket, 40n | (1n << 32n), 1n, 0n)).toBe(errno(EAFNOSUPPORT));
  });

  it('lets clone make threads and children and no namespaces', () => {
    const clone = judgedSyscall('clone', architecture);
    expect(judge(clone, 0x003d_0f00n)).toBe(ALLOW);
    expect(judge(clone, 17n)).toBe(ALLOW);
    for (const flag of [
      0x0002_0000n,
      0x0200_0000n,
      0x0400_0000n,
      0x0800_0000n,
      0x1000_0000n,
      0x2000_0000n,
      0x4000_0000n,
    ]) {
      expect(judge(clone, flag | 17n)).toBe(errno(EPERM));
    }
    expect(judge(judgedSyscall('clone3', architecture))).toBe(errno(ENOSYS));
  });

  it('refuses to type into a terminal', () => {
    const ioctl = judgedSyscall('ioctl', architecture);
    expect(judge(ioctl, 0n, 0x5412n)).toBe(errno(EPERM));
    expect(judge(ioctl, 0n, 0x5412n | (1n << 32n))).toBe(errno(EPERM));
    expect(judge(ioctl, 0n, 0x541cn)).toBe(errno(EPERM));
    expect(judge(ioctl, 0n, 0x5401n)).toBe(ALLOW);
  });
});

it('kills calls of the x32 ABI', () => {
  for (const number of [0x4000_0000, 0x4000_0065, 0xffff_ffff]) {
    expect(evaluate(seccompFilter('x64'), { number, arch: AUDIT.x64 })).toBe(KILL);
  }
});
