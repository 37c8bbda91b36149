/**
 * `Iommufd`: the ioctls of /dev/iommu, structures as bytes in user memory. The real kernel is one implementation, a core above any
 * `IommuDriver` another. What a structure holds is declared with the layouts of `include/uapi/linux/iommufd.h`, never parsed here.
 *
 * Whatever the kernel reads or writes of a call lies at an address, so that it may be missing, unwritable, or changed by a call that is
 * refused. A refusal has the kernel's own errno.
 */
import type { Answer } from '#hw-models/core/result';

/** An open file: /dev/iommu, or a fault, veventq or device file that an ioctl gave. */
export type File = number;

/** A part of a file to be mapped. */
export interface FileMapping {
  /** Bytes. */
  readonly offset: bigint;
  readonly length: number;
  readonly write: boolean;
  readonly execute: boolean;
  readonly shared: boolean;
}

export interface Iommufd {
  /** A fresh /dev/iommu. */
  open(): Answer<File>;
  close(file: File): Answer<null>;

  /** Zeroed user memory, whole pages of its own. @param writable False: the kernel can read it and not write it. @returns Its address, never 0. */
  userAlloc(length: number, writable: boolean): Answer<bigint>;
  userRead(address: bigint, length: number): Answer<Uint8Array>;
  /** Fills user memory from outside, where the kernel may not write too. */
  userWrite(address: bigint, bytes: Uint8Array): Answer<null>;

  /** @param request The whole ioctl number. @param argument Address of the structure, which is looked at afterwards even when the call is refused. @returns The call's value. */
  ioctl(file: File, request: number, argument: bigint): Answer<number>;
  /** @param buffer Address that the bytes go to. @param offset Position in the file, bytes. @returns Bytes read. */
  read(file: File, buffer: bigint, length: number, offset: bigint): Answer<number>;
  /** @param buffer Address that the bytes come from. @returns Bytes written. */
  write(file: File, buffer: bigint, length: number, offset: bigint): Answer<number>;
  poll(file: File): Answer<{ readonly readable: boolean; readonly writable: boolean }>;
  /** @returns Address in user memory. */
  mmap(file: File, mapping: FileMapping): Answer<bigint>;
  munmap(address: bigint, length: number): Answer<null>;

  /** Binds a device of the machine to this /dev/iommu, as VFIO or the mock does. @returns Its object id. */
  bind(file: File, device: number): Answer<number>;
  unbind(file: File, deviceId: number): Answer<null>;
  /** @param pt Object id of an IOAS or HWPT. @param pasid Or `NO_PASID`. @returns The HWPT in use. */
  attach(file: File, deviceId: number, pt: number, pasid: number): Answer<number>;
  replace(file: File, deviceId: number, pt: number, pasid: number): Answer<number>;
  detach(file: File, deviceId: number, pasid: number): Answer<null>;
}

export const IOMMUFD_METHODS = [
  'open',
  'close',
  'userAlloc',
  'userRead',
  'userWrite',
  'ioctl',
  'read',
  'write',
  'poll',
  'mmap',
  'munmap',
  'bind',
  'unbind',
  'attach',
  'replace',
  'detach',
] as const satisfies readonly (keyof Iommufd)[];
