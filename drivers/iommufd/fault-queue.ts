/** Page faults for the user: groups of requests that are read together and answered together, each once. */
import { done, ok, refuse, type Result } from '#drivers/contract/driver';
import { NO_PASID } from '#drivers/contract/iommu';
import type { PageFault, PageResponse } from '#drivers/contract/upcalls';
import {
  PAGE_RESPONSE,
  PageResponseRecord,
  Pgfault,
  PGFAULT_LAST_PAGE,
  PGFAULT_PASID_VALID,
  PGFAULT_PERM,
} from '#drivers/contract/uapi-iommufd-values';
import { bytesFrom, numberOf } from './bytes';
import type { Context } from './context';
import { noPosition } from './event-file';
import type { Readiness } from './files';
import type { Attachment } from './groups';
import { IommufdObject, type Seat } from './objects';

/** Requests of one device that are answered at once. */
interface FaultGroup {
  readonly faults: readonly PageFault[];
  readonly attachment: Attachment;
  /** Object id of the device. */
  readonly deviceId: number;
}

const RECORD_BYTES = Pgfault.width / 8;
const RESPONSE_BYTES = PageResponseRecord.width / 8;

export class FaultQueue extends IommufdObject {
  readonly type = 'fault';
  readonly #context: Context;
  /** Not read yet, oldest first. */
  #pending: readonly FaultGroup[] = [];
  /** Read and not answered, by cookie. */
  readonly #unanswered = new Map<number, FaultGroup>();

  constructor(seat: Seat, context: Context) {
    super(seat);
    this.#context = context;
  }

  /** A whole group has come. */
  push(group: FaultGroup): void {
    this.#pending = [...this.#pending, group];
  }

  poll(): Readiness {
    return { readable: this.#pending.length > 0, writable: true };
  }

  /** Whole groups, as many as there is room for. `ESPIPE`: no whole records. `EINVAL`: not even the first group. `EFAULT`: it stays. */
  read(buffer: bigint, length: number, offset: bigint): Result<number> {
    const misplaced = noPosition(offset);
    if (misplaced !== undefined || length % RECORD_BYTES !== 0) return refuse('ESPIPE');
    let bytes = 0;
    for (const group of this.#pending) {
      const records = this.#recordsOf(group, this.#freeCookie);
      if (records.length > length - bytes) return bytes === 0 ? refuse('EINVAL') : ok(bytes);
      const copied = this.#context.copyOut(buffer + BigInt(bytes), records);
      if (!copied.ok) return bytes === 0 ? copied : ok(bytes);
      this.#unanswered.set(this.#freeCookie, group);
      this.#pending = this.#pending.slice(1);
      bytes += records.length;
    }
    return ok(bytes);
  }

  /** Answers, in order up to the first that is none. `ESPIPE`: no whole records. `EINVAL`: no such answer or cookie. `EFAULT`. */
  async write(buffer: bigint, length: number, offset: bigint): Promise<Result<number>> {
    if (noPosition(offset) !== undefined || length % RESPONSE_BYTES !== 0) return refuse('ESPIPE');
    for (let bytes = 0; bytes < length; bytes += RESPONSE_BYTES) {
      const answered = await this.#answer(buffer + BigInt(bytes));
      if (!answered.ok) return bytes === 0 ? answered : ok(bytes);
    }
    return ok(length);
  }

  /** Nobody will answer what came from an attachment. */
  async forget(attachment: Attachment): Promise<void> {
    await this.#refuseAll((group) => group.attachment === attachment);
  }

  async destroy(): Promise<Result<null>> {
    await this.#refuseAll(() => true);
    return done;
  }

  async #refuseAll(which: (group: FaultGroup) => boolean): Promise<void> {
    const refused = this.#pending.filter(which);
    this.#pending = this.#pending.filter((group) => !which(group));
    for (const [cookie, group] of this.#unanswered) if (which(group) && this.#unanswered.delete(cookie)) refused.push(group);
    for (const group of refused) await this.#respond(group, 'invalid');
  }

  async #answer(address: bigint): Promise<Result<null>> {
    const copied = this.#context.copyIn(address, RESPONSE_BYTES);
    if (!copied.ok) return copied;
    const { cookie, code } = PageResponseRecord.of(numberOf(copied.value));
    if (code !== PAGE_RESPONSE.SUCCESS && code !== PAGE_RESPONSE.INVALID) return refuse('EINVAL');
    const group = this.#unanswered.get(cookie);
    if (group === undefined) return refuse('EINVAL');
    this.#unanswered.delete(cookie);
    await this.#respond(group, code === PAGE_RESPONSE.SUCCESS ? 'success' : 'invalid');
    return done;
  }

  async #respond({ faults: [fault] }: FaultGroup, code: PageResponse['code']): Promise<void> {
    const { device, pasid, group } = fault!;
    await this.#context.kernel.driver.pageResponse({ device, pasid, group, code });
  }

  get #freeCookie(): number {
    let cookie = 1;
    while (this.#unanswered.has(cookie)) cookie++;
    return cookie;
  }

  #recordsOf({ faults, deviceId }: FaultGroup, cookie: number): Uint8Array {
    const records = new Uint8Array(faults.length * RECORD_BYTES);
    for (const [index, fault] of faults.entries())
      records.set(bytesFrom(recordOf(fault, deviceId, cookie), RECORD_BYTES), index * RECORD_BYTES);
    return records;
  }
}

const recordOf = (fault: PageFault, dev_id: number, cookie: number): bigint =>
  Pgfault.encode({
    cookie,
    addr: fault.iova,
    perm:
      (fault.read ? PGFAULT_PERM.READ : 0) +
      (fault.write ? PGFAULT_PERM.WRITE : 0) +
      (fault.execute ? PGFAULT_PERM.EXEC : 0) +
      (fault.privileged ? PGFAULT_PERM.PRIV : 0),
    grpid: fault.group,
    pasid: fault.pasid === NO_PASID ? 0 : fault.pasid,
    dev_id,
    flags: (fault.pasid === NO_PASID ? 0 : PGFAULT_PASID_VALID) + (fault.last ? PGFAULT_LAST_PAGE : 0),
  });
