/** Which system calls a sandbox may not make, by number on the two architectures that we run on. */

export type Architecture = "x64" | "arm64";

/** AUDIT_ARCH_* of linux/audit.h: what the kernel puts into seccomp_data.arch. */
export const AUDIT_ARCHITECTURE: Readonly<Record<Architecture, number>> = {
  x64: 0xc000003e,
  arm64: 0xc00000b7,
};

/** Number on x64, number on arm64; null where the architecture has no such call. */
type Numbers = readonly [x64: number | null, arm64: number | null];

/**
 * Refused with EPERM whatever their arguments: they look into other processes, change mounts or
 * namespaces, reach the kernel's own state, or have had more holes than a notebook has use for them.
 */
export const REFUSED_CALLS: Readonly<Record<string, Numbers>> = {
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
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
  setns: [308, 268],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  create_module: [174, null],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  get_kernel_syms: [177, null],
  query_module: [178, null],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  syslog: [103, 116],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  open_by_handle_at: [304, 265],
  fanotify_init: [300, 262],
  lookup_dcookie: [212, 18],
  nfsservctl: [180, 42],
  uselib: [134, null],
  vhangup: [153, 58],
  iopl: [172, null],
  ioperm: [173, null],
  modify_ldt: [154, null],
};

/** Calls whose arguments decide. */
export const CLONE: Numbers = [56, 220];
export const CLONE3: Numbers = [435, 435];
export const UNSHARE: Numbers = [272, 97];
export const IOCTL: Numbers = [16, 29];
export const SOCKET: Numbers = [41, 198];

/** Every CLONE_NEW* flag: time, mount, cgroup, UTS, IPC, user, PID and network namespaces. */
export const NAMESPACE_FLAGS =
  0x80 | 0x20000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000;

/** CLONE_NEWTIME (0x80) shares its bit with the exit signal of `clone`, where it means nothing. */
export const CLONE_NAMESPACE_FLAGS = NAMESPACE_FLAGS & ~0x80;

/** Terminal controls that put characters into the terminal of somebody else. */
export const REFUSED_IOCTLS: Readonly<Record<string, number>> = {
  TIOCSTI: 0x5412,
  TIOCLINUX: 0x541c,
};

/** UNIX, IPv4, IPv6, netlink. Not AF_VSOCK above all: it reaches the hypervisor past the network namespace. */
export const ALLOWED_SOCKET_FAMILIES: readonly number[] = [1, 2, 10, 16];

export function numberOn(architecture: Architecture, numbers: Numbers): number | null {
  return architecture === "x64" ? numbers[0] : numbers[1];
}
