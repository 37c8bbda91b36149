/** The process that uses /dev/iommu in a scene: its file, what it calls its objects and its memory, and what came of its last call. */
import type { Iommufd } from '#drivers/contract/iommufd';
import { IOCTLS, type IoctlName } from '#drivers/contract/uapi-iommufd';
import type { AnyLayout } from '#hw-models/core/bits';
import { hex } from '#hw-models/core/hex';
import { done, ok, type Answer, type Result } from '#hw-models/core/result';
import type { Access, Bench } from './bench';
import { Broken, expectSame, NotApplicable, NotTested } from './outcomes';
import { storesFor, type GuestEntry } from './guest';
import { reachOf } from './reached';
import { littleEndian, type EntryName, type Rows } from './systems/system';
import { systemOf } from './systems/systems';
import { call, encode, must, numberFrom, SCRATCH_BYTES, shapeOf, type Scratch } from './user-ioctl';
import { RECORDS } from './user-records';
import { valueOf } from './user-values';
import type { Sender } from './verb';
import { act, type Act } from './verbs';

/** What a name of a scene stands for: an object's id, a file, or an address of user memory. */
export interface Named {
  readonly kind: 'object' | 'file' | 'memory';
  readonly value: bigint;
  /** Of memory, in bytes. */
  readonly length: number;
}

/** What poll(2) says. */
interface Readiness {
  readonly readable: boolean;
  readonly writable: boolean;
}

/** What an answer holds, by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** Ioctls that do part of what they are asked, and say how much. */
export const PARTIAL: ReadonlySet<IoctlName> = new Set<IoctlName>(['IOMMU_HWPT_INVALIDATE', 'IOMMU_IOAS_UNMAP']);

/** Names of the scene's own, which no feature can write; and whether the kernel can write there. */
const SCRATCH = [
  ['(structure)', true],
  ['(read-only structure)', false],
] as const;

/** Bytes from the start of the memory for structures. */
const SPARE_AT = 2048n;

/** A row of this name stands for the data of a guest's tables, whose root is at the GPA that it gives. */
const GUEST = '(guest)';
/** A row of this name stands for an array of a guest's invalidations, in order: `everything, malformed`, or `none`. */
const ENTRIES = '(entries)';
const NAME = /^[A-Z]\d+$/;
/** What the user puts where a device has to arrive: another word at each address. */
const MARK = 0x5eed_0000_0000_0000n;

export class UserProcess {
  readonly names = new Map<string, Named>();
  readonly #bench: Bench;
  #file: number | undefined;
  #answer: Fields = {};

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  get iommufd(): Iommufd {
    const { iommufd } = this.#bench.started;
    if (iommufd === undefined) throw new NotApplicable(`${this.#bench.module.manifest.name} does not implement Iommufd`);
    return iommufd;
  }

  /** The file of a name; without a name /dev/iommu, opened when it is first used. */
  async file(name?: string): Promise<number> {
    if (name !== undefined) return Number(this.named(name, 'file').value);
    return (this.#file ??= must(await this.iommufd.open()));
  }

  id(name: string): number {
    return Number(this.value(name));
  }

  named(name: string, kind: Named['kind']): Named {
    const named = this.names.get(name);
    if (named?.kind !== kind) throw new NotTested(`setup: no ${kind} is called ${name}`);
    return named;
  }

  /** A value of a table, or an address. */
  readonly value = (text: string): bigint =>
    valueOf(
      text,
      (name) => this.names.get(name)?.value,
      (word) => this.#ofHardware(word),
    );

  /** Memory for structures is there before it is used, so that no call is judged by it. */
  async prepare(): Promise<void> {
    for (const [name, writable] of SCRATCH)
      if (!this.names.has(name)) this.remember(name, 'memory', must(await this.iommufd.userAlloc(SCRATCH_BYTES, writable)), SCRATCH_BYTES);
  }

  /** Members `out_…` give names to what was made. */
  async ioctl(name: IoctlName, rows: Rows): Promise<Result<Fields>> {
    const layout: AnyLayout = IOCTLS[name].layout;
    const outs = rows.filter(([field = '', text = '']) => field.startsWith('out_') && NAME.test(text));
    const shape = shapeOf(name, this.#withGuest(rows.filter((row) => !outs.includes(row))), this.value);
    const given = encode(layout, shape.members, this.value, layout.encode({ size: shape.size }));
    const before = reachOf(this.#bench);
    const { result, raw } = await call(this.iommufd, await this.file(), name, shape, given, this.#scratch);
    this.#answer = layout.of(raw);
    if (!result.ok) {
      if (!PARTIAL.has(name)) this.#sameReach(before, `${name} was refused with ${result.errno}`);
      return result;
    }
    for (const [field = '', text = ''] of outs)
      this.#name(text, field.endsWith('_fd') ? 'file' : 'object', BigInt(this.#answer[field] as number));
    return ok({ value: result.value });
  }

  /** A change of what a device is attached to: refused, devices reach what they did. */
  async changing<T>(what: string, change: () => Answer<T>): Promise<Result<T>> {
    const before = reachOf(this.#bench);
    const result = await change();
    if (!result.ok) this.#sameReach(before, `${what} was refused with ${result.errno}`);
    return result;
  }

  /** The guest writes an entry of its tables, in memory of the user that is there for it. @param tables GPA of the root. */
  async guestMaps(entry: GuestEntry, where: string, tables: bigint): Promise<Result<null>> {
    for (const { gpa, value } of storesFor(this.#bench, entry, tables))
      must(await this.iommufd.userWrite(this.value(where) + gpa - tables, Uint8Array.from(littleEndian(value, 8))));
    return done;
  }

  /** What a read or a write of a file came to. */
  counted(result: Result<number>): Result<Fields> {
    if (!result.ok) return result;
    this.#answer = { bytes: result.value };
    return ok(this.#answer);
  }

  remember(name: string, kind: Named['kind'], value: bigint, length = 0): void {
    this.#name(name, kind, value, length);
  }

  /** /dev/iommu is closed, and its objects are gone. */
  closed(): void {
    this.#file = undefined;
    for (const [name, { kind }] of this.names) if (kind === 'object') this.names.delete(name);
  }

  /** The user fills memory with a record. */
  async put(record: string, where: string, rows: Rows): Promise<void> {
    const layout = RECORDS[record]!;
    const bytes = littleEndian(encode(layout, rows, this.value), layout.width / 8);
    must(await this.iommufd.userWrite(this.value(where), Uint8Array.from(bytes)));
  }

  /** Expects members of a record in user memory. */
  async expectRecord(record: string, where: string, rows: Rows): Promise<void> {
    const layout = RECORDS[record]!;
    const view = layout.of(numberFrom(must(await this.iommufd.userRead(this.value(where), layout.width / 8)))) as Fields;
    for (const [field = '', text = ''] of rows) this.#expect(`${record}.${field} at ${where}`, view[field], text);
  }

  /** Expects a member of the structure as the last call left it. */
  expectAnswer(field: string, text: string): void {
    this.#expect(`${field} of the answer`, this.#answer[field], text);
  }

  /** Expects what poll(2) says of a file, as far as it is asked about. */
  async expectReady(name: string, expected: Partial<Readiness>): Promise<void> {
    const { readable, writable } = must(await this.iommufd.poll(await this.file(name)));
    const is: Readiness = { readable, writable };
    for (const what of Object.keys(expected) as (keyof Readiness)[]) expectSame(`${name} is ${what}`, `${is[what]}`, `${expected[what]}`);
  }

  /** Expects accesses of a device to arrive where the user has its memory. */
  async expectAccess(sender: Sender, access: Access, iova: bigint, where: string): Promise<void> {
    const address = this.value(where);
    const mark = MARK + address / 8n;
    for (const { what, outcome } of await this.#bench.access(sender, access, iova)) {
      if (outcome.kind !== 'translated' && outcome.kind !== 'bypassed')
        throw new Broken(`${what}: ${outcome.kind}, expected the user’s ${where}`);
      must(await this.iommufd.userWrite(address, Uint8Array.from(littleEndian(mark, 8))));
      const isThere = this.#bench.machine.memory.get(Number(outcome.pa / 8n)) === mark;
      if (!isThere) throw new Broken(`${what}: reaches PA ${hex(outcome.pa)}, which is not the user’s ${where}`);
    }
  }

  /** What the end of the process gives back, the last first. */
  ending(): readonly Act[] {
    const named = [...this.names].reverse();
    const files = named.flatMap(([name, { kind }]) => (kind === 'file' ? [act('userClose', name)] : []));
    const memory = named.flatMap(([name, { kind }]) => (kind === 'memory' ? [act('userFree', name)] : []));
    return [...files, ...(this.#file === undefined ? [] : [act('userClose')]), ...memory];
  }

  /** Where the scene itself puts records, beyond all structures. */
  get spare(): bigint {
    return this.named('(structure)', 'memory').value + SPARE_AT;
  }

  get #scratch(): Scratch {
    return { there: this.named('(structure)', 'memory').value, 'read-only': this.named('(read-only structure)', 'memory').value };
  }

  #name(name: string, kind: Named['kind'], value: bigint, length = 0): void {
    this.names.delete(name);
    this.names.set(name, { kind, value, length });
  }

  #withGuest(rows: Rows): Rows {
    return rows.flatMap((row) => this.#rowsFor[row[0] ?? '']?.(row[1] ?? '') ?? [row]);
  }

  readonly #rowsFor: Readonly<Record<string, (text: string) => Rows>> = {
    [GUEST]: (tables) => this.#guestRows(tables),
    [ENTRIES]: (names) => this.#entryRows(names),
  };

  /** Puts a guest's invalidations into user memory that a driver can copy. */
  #entryRows(names: string): Rows {
    const { entries, entry, invalidation } = systemOf(this.#bench);
    const array = names === 'none' ? [] : names.split(', ').map((name) => entry(entries[name as EntryName]));
    const address = array.length === 0 ? 0n : this.#bench.machine.users.place(Uint8Array.from(array.flat()));
    return Object.entries({
      data_type: invalidation.type,
      data_uptr: address,
      entry_len: array.length === 0 ? 0 : invalidation.length,
      entry_num: array.length,
    }).map(([field, value]) => [field, `${value}`]);
  }

  /** Words for what the hardware says of itself. */
  #ofHardware(word: string): bigint | undefined {
    const { type, bytes } = word.startsWith('HARDWARE_')
      ? systemOf(this.#bench).hardwareInfo(this.#bench.machine.instance(0).hardware)
      : { type: 0, bytes: [] };
    return word === 'HARDWARE_TYPE' ? BigInt(type) : word === 'HARDWARE_BYTES' ? BigInt(bytes.length) : undefined;
  }

  /** Puts the data of a guest into user memory that a driver can copy. */
  #guestRows(tables: string): Rows {
    const { type, bytes } = systemOf(this.#bench).nestedData(this.value(tables), []);
    const address = this.#bench.machine.users.place(Uint8Array.from(bytes));
    return Object.entries({ data_type: type, data_len: bytes.length, data_uptr: address }).map(([field, value]) => [field, `${value}`]);
  }

  #expect(what: string, is: unknown, text: string): void {
    if (is === undefined) throw new Error(`there is no ${what}`);
    expectSame(what, hex(BigInt(is as number)), hex(this.value(text)));
  }

  #sameReach(before: string, refused: string): void {
    const now = reachOf(this.#bench);
    if (now !== before) this.#bench.machine.violate('all-or-nothing', `${refused}, but devices reach ${now}, not ${before}`);
  }
}
