/** Defects of fault queues that have something in them. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const vtd = { of: 'iommufd-vtd', system: 'iommufd', by: 'step' } as const;

const QUEUE = 'iommufd/fault-queue.ts';
const ATTACH = 'iommufd/attach.ts';

const ROOM = "if (records.length > length - bytes) return bytes === 0 ? refuse('EINVAL') : ok(bytes);";
const COPIED = 'if (!copied.ok) return bytes === 0 ? copied : ok(bytes);';
const COPY = 'const copied = this.#context.copyOut(buffer + BigInt(bytes), records);';

export const FAULT_MUTANTS: readonly Mutant[] = [
  {
    ...vtd,
    id: 'group-is-read-as-far-as-it-goes',
    rule: 'IFD-FLT-03',
    edits: edit(QUEUE, ROOM, 'if (length <= bytes) return ok(bytes);'),
  },
  {
    ...vtd,
    id: 'each-fault-has-a-cookie',
    rule: 'IFD-FLT-03',
    edits: edit(
      QUEUE,
      'bytesFrom(recordOf(fault, deviceId, cookie), RECORD_BYTES)',
      'bytesFrom(recordOf(fault, deviceId, cookie + index), RECORD_BYTES)',
    ),
  },
  {
    ...vtd,
    id: 'last-group-is-read-first',
    rule: 'IFD-FLT-03',
    edits: edit(QUEUE, 'this.#pending = [...this.#pending, group];', 'this.#pending = [group, ...this.#pending];'),
  },
  {
    ...vtd,
    id: 'group-comes-before-it-is-whole',
    rule: 'IFD-FLT-03',
    edits: edit('iommufd/upcalls.ts', 'if (!fault.last) {', 'if (fault.group < 0) {'),
  },
  {
    ...vtd,
    id: 'group-without-room-is-dropped',
    rule: 'IFD-FLT-04',
    edits: edit(QUEUE, ROOM, ROOM.replace("refuse('EINVAL')", '(this.#pending = this.#pending.slice(1), ok(0))')),
  },
  {
    ...vtd,
    id: 'no-room-reads-nothing',
    rule: 'IFD-FLT-04',
    edits: edit(QUEUE, ROOM, 'if (records.length > length - bytes) return ok(bytes);'),
  },
  {
    ...vtd,
    id: 'group-that-cannot-be-copied-is-lost',
    rule: 'IFD-FLT-05',
    edits: edit(QUEUE, COPIED, `if (!copied.ok) this.#pending = this.#pending.slice(1); ${COPIED}`),
  },
  {
    ...vtd,
    id: 'group-that-cannot-be-copied-keeps-its-cookie',
    rule: 'IFD-FLT-05',
    edits: edit(QUEUE, COPY, `this.#unanswered.set(this.#freeCookie, group); ${COPY}`),
  },
  {
    ...vtd,
    id: 'groups-before-one-that-cannot-be-copied-do-not-count',
    rule: 'IFD-FLT-05',
    edits: edit(QUEUE, COPIED, 'if (!copied.ok) return copied;'),
  },
  {
    ...vtd,
    id: 'answers-before-a-wrong-one-do-not-count',
    rule: 'IFD-FLT-06',
    edits: edit(QUEUE, 'if (!answered.ok) return bytes === 0 ? answered : ok(bytes);', 'if (!answered.ok) return answered;'),
  },
  {
    ...vtd,
    id: 'group-is-answered-twice',
    rule: 'IFD-FLT-07',
    edits: edit(QUEUE, 'this.#unanswered.delete(cookie); await this.#respond(', 'await this.#respond('),
  },
  {
    ...vtd,
    id: 'group-is-answered-unread',
    rule: 'IFD-FLT-07',
    edits: edit(
      QUEUE,
      'const group = this.#unanswered.get(cookie);',
      'const group = this.#unanswered.get(cookie) ?? this.#pending[cookie - 1];',
    ),
  },
  {
    ...vtd,
    id: 'faults-outlive-an-attachment',
    rule: 'IFD-FLT-08',
    edits: edit(ATTACH, 'await hwpt.fault?.forget(attachment);', ''),
  },
  {
    ...vtd,
    id: 'what-was-read-is-answered-after-a-detach',
    rule: 'IFD-FLT-08',
    edits: edit(
      QUEUE,
      'for (const [cookie, group] of this.#unanswered) if (which(group) && this.#unanswered.delete(cookie)) refused.push(group);',
      '',
    ),
  },
  {
    ...vtd,
    id: 'what-was-not-read-stays-after-a-detach',
    rule: 'IFD-FLT-08',
    edits: edit(QUEUE, 'this.#pending = this.#pending.filter((group) => !which(group));', ''),
  },
  {
    ...vtd,
    id: 'move-answers-by-the-new-queue',
    rule: 'IFD-FLT-09',
    edits: edit(ATTACH, 'await old.fault?.forget(attachment);', 'await hwpt.fault?.forget(attachment);'),
  },
  {
    ...vtd,
    id: 'queue-stays-readable',
    rule: 'IFD-FLT-10',
    edits: edit(QUEUE, 'readable: this.#pending.length > 0', 'readable: this.#pending.length + this.#unanswered.size > 0'),
  },
];
