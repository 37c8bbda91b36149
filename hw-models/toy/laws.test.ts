/**
 * The laws of the modes, on the toy IOMMU programmed by hand: after a store every mode answers with something that the hardware may
 * see, and once all caches were told and no store came since, as if there were no caches. The reach graph is recomputed after every event.
 */
import { describe, it } from 'node:test';
import { assert } from 'chai';
import * as fc from 'fast-check';
import { pageOf } from '#hw-models/core/address';
import type { Outcome } from '#hw-models/core/hardware';
import { Machine } from '#hw-models/core/machine';
import { Port } from '#hw-models/core/port';
import type { Destination, Requester } from '#hw-models/core/reach/facts';
import { RecomputedReach } from '#hw-models/core/reach/recomputed';
import type { Mode } from '#hw-models/core/sight';
import { frameAt, framesOf, READ, walk, WRITE, type EntryReader, type LeafEntry } from '#hw-models/core/walk';
import { ToyIommu } from './iommu';
import { Command, Control, DEVICE_ENTRY_WORDS, DeviceEntry, DeviceRoot, MAP, Status, TableEntry } from './layouts';

const DEVICES = [1, 2];
/** Frames for tables, and pages that they lead to. */
const TABLES = 4;
const PAGES = 6;
const PAGE = 4096n;
const NEEDED = { read: READ, write: WRITE } as const;

/** Software that stores what it likes to tables of its own, and a machine that lets every device reach everything. */
class Bare {
  readonly machine: Machine;
  readonly port: Port;
  readonly deviceTable: bigint;
  readonly tables: readonly bigint[];

  constructor(mode: Mode) {
    this.machine = new Machine({
      mode,
      cpus: 1,
      storeOrder: 'weak',
      snooped: true,
      iommus: [(bus) => new ToyIommu(bus)],
      reach: (facts) => new RecomputedReach(facts),
    });
    this.machine.grants = { granted: () => true, mayPass: () => true };
    this.port = new Port(this.machine);
    this.deviceTable = this.#page();
    this.tables = Array.from({ length: TABLES }, () => this.#page());
    for (const device of DEVICES) this.machine.addDevice(device, 0, [device]);
    this.port.mmioWrite64(0, MAP.control.at, Control.encode({ table: this.deviceTable / PAGE, enable: true }));
  }

  get reach(): RecomputedReach {
    return this.machine.iommus[0]!.reach as RecomputedReach;
  }

  entry(
    table: number,
    index: number,
    to: { readonly table: number } | { readonly page: number; readonly write: boolean } | undefined,
  ): void {
    const at = this.tables[table]! + BigInt(index) * 8n;
    if (to === undefined) this.port.write64(at, 0n);
    else if ('table' in to) this.port.write64(at, TableEntry.encode({ V: true, page: this.tables[to.table]! / PAGE }));
    else this.port.write64(at, TableEntry.encode({ V: true, R: true, W: to.write, page: 0x8_0000n + BigInt(to.page) }));
  }

  device(id: number, space: number, valid: boolean, second: boolean): void {
    this.port.write64(this.#entry(id), DeviceEntry.encode({ V: valid, second, space }));
  }

  root(id: number, second: boolean, table: number): void {
    this.port.write64(this.#entry(id) + (second ? 16n : 8n), DeviceRoot.encode({ root: this.tables[table]! / PAGE }));
  }

  command(raw: bigint): void {
    this.port.mmioWrite64(0, MAP.command.at, raw);
  }

  wait(): void {
    this.port.pollUntil(0, MAP.status.at, Number(Status.mask('busy')), 0, 10);
  }

  /** All caches are told, one command after the other. */
  settle(): void {
    this.port.barrier();
    for (const id of DEVICES) this.#complete(Command.encode({ op: 'device', id }));
    for (const id of [0, 1]) this.#complete(Command.encode({ op: 'space', id }));
  }

  access(device: number, page: number, access: 'read' | 'write'): Outcome {
    return this.machine.access(this.requester(device), BigInt(page) * PAGE, access);
  }

  requester(device: number): Requester {
    return this.machine.requestersOf(device)[0]!;
  }

  /** Without caches, and with every store in order. Translations of one space are cached alike, so there each of its roots counts. */
  uncached(device: number, page: number, access: 'read' | 'write'): string[] {
    const own = this.#destination(device);
    if (own.kind !== 'translates') return [told(own, page, access)];
    return DEVICES.map((other) => this.#destination(other))
      .filter((other) => other.kind === 'translates' && other.space === own.space)
      .map((other) => told(walk((other as typeof own).root, page, this.machine.memory).entry, page, access));
  }

  #destination(device: number): Destination {
    const { memory } = this.machine;
    return this.machine.iommus[0]!.hardware.resolve(this.requester(device), { fetch: () => undefined, read: (word) => memory.get(word) });
  }

  /** What the hardware may answer: members of the may-see set, and faults where memory may send a walk nowhere. */
  possible(device: number, page: number, access: 'read' | 'write'): Set<string> {
    const answers = new Set<string>();
    const requester = this.requester(device);
    for (const { leaf } of this.reach.reachable(requester, page, 1)) answers.add(told(leaf, page, access));
    for (const destination of this.reach.destinations(requester)) {
      if (destination.kind === 'translates') for (const ending of this.#walks(destination, page)) answers.add(told(ending, page, access));
      else answers.add(told(destination, page, access));
    }
    return answers;
  }

  /** Every end of a walk that memory may give, ordered or not. */
  *#walks({ root }: Destination & { readonly kind: 'translates' }, page: number): Iterable<ReturnType<typeof walk>['entry']> {
    const { memory } = this.machine;
    const words = new Map<number, readonly bigint[]>();
    const choices = (chosen: ReadonlyMap<number, bigint>): EntryReader => {
      const at = (word: number): bigint => {
        words.set(word, [...memory.older(word), memory.get(word)]);
        return chosen.get(word) ?? memory.get(word);
      };
      return { low: (word) => Number(BigInt.asUintN(32, at(word))), high: (word) => Number(at(word) >> 32n) };
    };
    const open: ReadonlyMap<number, bigint>[] = [new Map()];
    const seen = new Set<string>();
    for (let chosen = open.pop(); chosen !== undefined; chosen = open.pop()) {
      yield walk(root, page, choices(chosen)).entry;
      for (const [word, raws] of words) {
        for (const raw of raws) {
          const next = new Map([...chosen, [word, raw]]);
          const key = [...next].sort().join(';');
          if (!seen.has(key)) open.push(next);
          seen.add(key);
        }
      }
    }
  }

  #complete(raw: bigint): void {
    this.command(raw);
    this.wait();
  }

  #entry(id: number): bigint {
    return this.deviceTable + BigInt(id * DEVICE_ENTRY_WORDS * 8);
  }

  #page(): bigint {
    const page = this.port.pageAlloc({ order: 0, kind: 'page-table' });
    assert(page.ok);
    return page.value;
  }
}

/** How an access ends at what a walk or the configuration gave. */
function told(end: LeafEntry | { readonly kind: 'none' } | Destination, page: number, access: 'read' | 'write'): string {
  if (end.kind === 'none') return 'translation fault';
  if (end.kind !== 'page') return 'device fault';
  return (end.prot & NEEDED[access]) === 0 ? 'permission fault' : `to ${frameAt(end, page)}`;
}

function answer(outcome: Outcome): string {
  if (outcome.kind === 'translated') return `to ${pageOf(outcome.pa)}`;
  return outcome.kind === 'faulted' ? `${outcome.fault.cause} fault` : outcome.kind;
}

interface Op {
  run(bare: Bare): void;
  [fc.toStringMethod](): string;
}
const op = (label: string, run: (bare: Bare) => void): Op => ({ run, [fc.toStringMethod]: () => label });

const table = fc.nat(TABLES - 1);
const index = fc.nat(2);
const device = fc.constantFrom(...DEVICES);
const space = fc.nat(1);
const access = fc.constantFrom('read' as const, 'write' as const);
/** Input pages of the first three entries of the first three tables. */
const input = fc.tuple(index, index).map(([first, second]) => first * framesOf(21) + second);

const store: fc.Arbitrary<Op> = fc.oneof(
  fc
    .tuple(table, index, table)
    .map(([at, which, to]) => op(`table ${at}[${which}] = table ${to}`, (bare) => bare.entry(at, which, { table: to }))),
  fc
    .tuple(table, index, fc.nat(PAGES - 1), fc.boolean())
    .map(([at, which, page, write]) =>
      op(`table ${at}[${which}] = page ${page}${write ? ', writable' : ''}`, (bare) => bare.entry(at, which, { page, write })),
    ),
  fc.tuple(table, index).map(([at, which]) => op(`table ${at}[${which}] = nothing`, (bare) => bare.entry(at, which, undefined))),
  fc
    .tuple(device, space, fc.boolean(), fc.boolean())
    .map(([id, tag, valid, second]) =>
      op(`d${id} = ${valid} space ${tag} root ${second ? 2 : 1}`, (bare) => bare.device(id, tag, valid, second)),
    ),
  fc
    .tuple(device, fc.boolean(), table)
    .map(([id, second, to]) => op(`root ${second ? 2 : 1} of d${id} = table ${to}`, (bare) => bare.root(id, second, to))),
);
const barrier = fc.constant(op('barrier', (bare) => bare.port.barrier()));
const wait = fc.constant(op('wait', (bare) => bare.wait()));
const command: fc.Arbitrary<Op> = fc.oneof(
  device.map((id) => op(`forget d${id}`, (bare) => bare.command(Command.encode({ op: 'device', id })))),
  space.map((id) => op(`forget space ${id}`, (bare) => bare.command(Command.encode({ op: 'space', id })))),
  fc
    .tuple(space, input)
    .map(([id, page]) =>
      op(`forget page ${page} of space ${id}`, (bare) => bare.command(Command.encode({ op: 'page', id, page: BigInt(page) }))),
    ),
);
/** At most one command is on its way. */
const waited = fc.tuple(command, fc.boolean()).map(([first, before]) =>
  op(`${before ? 'barrier; ' : ''}wait; ${fc.stringify(first)}`, (bare) => {
    if (before) bare.port.barrier();
    bare.wait();
    first.run(bare);
  }),
);
const look = fc.tuple(device, input, access).map(([id, page, how]) =>
  op(`d${id} ${how}s ${page}`, (bare) => {
    const possible = bare.possible(id, page, how);
    const actual = answer(bare.access(id, page, how));
    assert.include([...possible], actual, `d${id} ${how}s ${page}`);
  }),
);
const history = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: store },
    { weight: 2, arbitrary: barrier },
    { weight: 3, arbitrary: waited },
    { weight: 2, arbitrary: wait },
    { weight: 4, arbitrary: look },
  ),
  { minLength: 5, maxLength: 30, size: 'max' },
);

/** d1 has a page of its own in space 0, and so has d2 in space 1. */
function begin(mode: Mode): Bare {
  const bare = new Bare(mode);
  for (const [n, id] of DEVICES.entries()) {
    bare.entry(2 * n, 0, { table: 2 * n + 1 });
    bare.entry(2 * n + 1, 0, { page: n, write: true });
    bare.root(id, false, 2 * n);
    bare.device(id, n, true, false);
  }
  bare.settle();
  return bare;
}

const MODES: readonly Mode[] = ['lazy', 'eager', 'seeded:1', 'seeded:2'];

describe('the modes, on the toy IOMMU', () => {
  for (const mode of MODES) {
    it(`${mode}: after a store the answer is one that the hardware may give`, () => {
      fc.assert(
        fc.property(history, (ops) => {
          const bare = begin(mode);
          for (const { run } of ops) run(bare);
        }),
        { numRuns: 40 },
      );
    });

    it(`${mode}: with no store in between the answer is that of memory`, () => {
      fc.assert(
        fc.property(history, fc.array(fc.tuple(device, input, access), { minLength: 1, maxLength: 12 }), (ops, looks) => {
          const bare = begin(mode);
          for (const { run } of ops) run(bare);
          bare.wait();
          bare.settle();
          for (const [id, page, how] of [...looks, ...looks])
            assert.include(bare.uncached(id, page, how), answer(bare.access(id, page, how)));
        }),
        { numRuns: 40 },
      );
    });
  }

  it('eager gives the oldest that it may, of a translation and of configuration', () => {
    const bare = begin('eager');
    for (const page of [3, 4, 5]) {
      bare.entry(1, 0, { page, write: true });
      bare.port.barrier();
    }
    assert.equal(answer(bare.access(1, 0, 'read')), `to ${0x8_0000}`);
    bare.settle();
    assert.equal(answer(bare.access(1, 0, 'read')), `to ${0x8_0005}`);
    for (const to of [2, 0]) {
      bare.root(1, false, to);
      bare.port.barrier();
    }
    bare.device(1, 0, false, false);
    bare.port.barrier();
    assert.equal(answer(bare.access(1, 0, 'read')), `to ${0x8_0005}`, 'the entry as it was when it was valid');
  });

  it('lazy gives what it found at the last look, until it is told', () => {
    const bare = begin('lazy');
    bare.access(1, 0, 'read');
    bare.entry(1, 0, { page: 3, write: true });
    bare.port.barrier();
    assert.equal(answer(bare.access(1, 0, 'read')), `to ${0x8_0000}`);
    bare.settle();
    assert.equal(answer(bare.access(1, 0, 'read')), `to ${0x8_0003}`);
  });
});
