/** Open files by number, the lowest that is free. */
import { ok, refuse, type Result } from '#drivers/contract/driver';

export interface Readiness {
  readonly readable: boolean;
  readonly writable: boolean;
}

/** What can be done with a file; what is left out is refused as Linux refuses it. */
export interface OpenFile {
  ioctl?(request: number, argument: bigint): Promise<Result<number>>;
  read?(buffer: bigint, length: number, offset: bigint): Result<number>;
  write?(buffer: bigint, length: number, offset: bigint): Promise<Result<number>>;
  poll?(): Readiness;
  /** The last that it is asked. */
  close(): Promise<void>;
}

/** After those that every process has open. */
const FIRST = 3;

export class Files {
  readonly #files = new Map<number, OpenFile>();

  /** The number that the next file gets. */
  get next(): number {
    let number = FIRST;
    while (this.#files.has(number)) number++;
    return number;
  }

  open(file: OpenFile): number {
    const number = this.next;
    this.#files.set(number, file);
    return number;
  }

  /** `EINVAL`: no such file is open. */
  get(number: number): Result<OpenFile> {
    const file = this.#files.get(number);
    return file === undefined ? refuse('EINVAL') : ok(file);
  }

  async close(number: number): Promise<Result<null>> {
    const file = this.get(number);
    if (!file.ok) return file;
    this.#files.delete(number);
    await file.value.close();
    return ok(null);
  }

  async closeAll(): Promise<void> {
    for (const number of [...this.#files.keys()]) await this.close(number);
  }
}
