/** The machines a filter exists for. */
export type Architecture = 'x64' | 'arm64';

type Numbers = readonly [x64: number | null, arm64: number | null];

/**
 * System calls an agent has no use for and an attacker has: they answer EPERM. Numbers: arch/x86/entry/syscalls/syscall_64.tbl
 * and include/uapi/asm-generic/unistd.h of Linux 6.18. The list follows what Docker and Flatpak deny.
 */
const DENIED: Readonly<Record<string, Numbers>> = {
  // Looking into and steering other processes
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  pidfd_getfd: [438, 438],
  kcmp: [312, 272],
  perf_event_open: [298, 241],
  // Namespaces and mounts
  unshare: [272, 97],
  setns: [308, 268],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  open_tree_attr: [467, 467],
  // Files past the mount namespace
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  fanotify_init: [300, 262],
  // Keyrings are not namespaced by user
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  // Large attack surface in the kernel
  bpf: [321, 280],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  modify_ldt: [154, null],
  uselib: [134, null],
  lookup_dcookie: [212, 18],
  move_pages: [279, 239],
  migrate_pages: [256, 238],
  // The machine itself
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  syslog: [103, 116],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  adjtimex: [159, 171],
  iopl: [172, null],
  ioperm: [173, null],
  vhangup: [153, 58],
};

/** Calls that are judged by their arguments. */
const JUDGED = {
  socket: [41, 198],
  clone: [56, 220],
  clone3: [435, 435],
  ioctl: [16, 29],
} as const satisfies Record<string, Numbers>;

/** By name, the numbers on this machine; what it does not have is left out. */
export function deniedSyscalls(architecture: Architecture): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const [name, [x64, arm64]] of Object.entries(DENIED)) {
    const number = architecture === 'x64' ? x64 : arm64;
    if (number !== null) numbers.set(name, number);
  }
  return numbers;
}

export const judgedSyscall = (name: keyof typeof JUDGED, architecture: Architecture): number =>
  JUDGED[name][architecture === 'x64' ? 0 : 1];
