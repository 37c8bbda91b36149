/**
 * `Iommufd`: the ioctls of /dev/iommu, structures as bytes. The real kernel is one implementation, a core above any `IommuDriver`
 * another. What a structure holds is declared with the layouts of `include/uapi/linux/iommufd.h`, never parsed here.
 */
import type { Answer } from '#hw-models/core/result';

/** An open file: /dev/iommu, or a fault, veventq or device file that an ioctl gave. */
export type File = number;

/** What an ioctl left: its return value and the structure as it stands in user memory afterwards. */
export interface Ioctl {
  readonly value: number;
  readonly argument: Uint8Array;
}

export interface Iommufd {
  /** A fresh /dev/iommu. */
  open(): Answer<File>;
  close(file: File): Answer<null>;
  /** @param request The whole ioctl number. @param argument The structure, at least its `size` field. */
  ioctl(file: File, request: number, argument: Uint8Array): Answer<Ioctl>;
  /** Bytes of user memory that later ioctls may point to. @returns Their address. */
  userAlloc(length: number): Answer<bigint>;
  userRead(address: bigint, length: number): Answer<Uint8Array>;
  userWrite(address: bigint, bytes: Uint8Array): Answer<null>;
  read(file: File, length: number): Answer<Uint8Array>;
  write(file: File, bytes: Uint8Array): Answer<number>;
  poll(file: File): Answer<{ readonly readable: boolean; readonly writable: boolean }>;
  mmap(file: File, offset: bigint, length: number): Answer<bigint>;
  /** Binds a device of the machine to this /dev/iommu, as VFIO or the mock does. @returns Its object id. */
  bind(file: File, device: number): Answer<number>;
  unbind(file: File, deviceId: number): Answer<null>;
  /** @param pt Object id of an IOAS or HWPT. @returns The HWPT in use. */
  attach(file: File, deviceId: number, pt: number, pasid: number): Answer<number>;
  replace(file: File, deviceId: number, pt: number, pasid: number): Answer<number>;
  detach(file: File, deviceId: number, pasid: number): Answer<null>;
}
