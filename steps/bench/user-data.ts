/** Bytes of the user as a scene says them: plain, so that they can be played again. */
import type { UserData } from '#drivers/contract/iommu';
import type { Bench } from './bench';
import { NotTested } from './outcomes';

/** What lies in user memory, and what the caller says of it. */
export interface PlainData {
  readonly type: number;
  readonly bytes: readonly number[];
  /** Instead of the number of bytes. */
  readonly length?: number;
  /** Instead of where they lie: an address that nobody can read. */
  readonly address?: bigint;
}

/** An array of raw entries. */
export interface GuestArray {
  readonly data: PlainData;
  readonly entries: number;
  /** What the caller says that an entry has, in bytes. */
  readonly length: number;
}

/** Puts the bytes into user memory. */
export function placed({ machine }: Bench, { type, bytes, length = bytes.length, address }: PlainData): UserData {
  return { type, address: address ?? machine.users.place(Uint8Array.from(bytes)), length };
}

/** The user overwrites the bytes that a domain was made from, with ones. */
export function overwrite({ machine, madeFrom }: Bench, name: string): void {
  const data = madeFrom.get(name);
  if (data === undefined) throw new NotTested(`setup: ${name} was not made from data of the user`);
  machine.users.write(data.address, new Uint8Array(data.length).fill(0xff));
}
