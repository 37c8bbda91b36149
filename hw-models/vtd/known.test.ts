import { assert } from 'chai';
import * as fc from 'fast-check';
import { describe as suite, test } from 'node:test';

import { toWords } from '#hw-models/core/bits';
import { NotModelled } from '#hw-models/core/errors';
import type { Outcome } from '#hw-models/core/hardware';
import type { ConfigurationReader } from '#hw-models/core/reach/facts';
import type { Capabilities } from '#hw-models/vtd/capabilities';
import { KnownEntries } from '#hw-models/vtd/contexts-known';
import { Rtaddr } from '#hw-models/vtd/registers';
import { Scene } from '#hw-models/vtd/scene';
import { ccInv, iotlbInv, pcInv } from '#hw-models/vtd/software';
import { PasidEntry } from '#hw-models/vtd/structures';
import { SecondTables } from './testdata/translate-tables';

const ID = 8;
const PASID = 5;
const PAGE = 4096n;

suite('entries that were read before', () => {
  const memory = [1n, 2n, 3n, 4n];
  const see: ConfigurationReader = { fetch: () => undefined, read: (word) => memory[word]! };

  test('mean what they meant until one of their words changes', () => {
    let decoded = 0;
    const known = new KnownEntries(2, (words) => {
      decoded++;
      return words.join();
    });
    assert.deepEqual([known.read(0, see), known.read(2, see), known.read(0, see), decoded], ['1,2', '3,4', '1,2', 2]);
    memory[1] = 7n;
    assert.deepEqual([known.read(0, see), known.read(0, see), decoded], ['1,7', '1,7', 3]);
    memory[0] = 6n;
    assert.deepEqual([known.read(0, see), known.read(2, see), decoded], ['6,7', '3,4', 4]);
  });

  test('mean nothing while they cannot be decoded', () => {
    const words = [1n];
    const known = new KnownEntries(1, ([raw]) => {
      if (raw === 9n) throw new NotModelled('nine', 'this test');
      return raw;
    });
    const one: ConfigurationReader = { fetch: () => undefined, read: () => words[0]! };
    assert.strictEqual(known.read(0, one), 1n);
    words[0] = 9n;
    for (let times = 0; times < 2; times++) assert.throws(() => known.read(0, one), NotModelled);
  });
});

/** A device that sends requests with a PASID and without, and what may become of it. */
class Furnished extends Scene {
  readonly #entries: readonly bigint[];
  /** Where they are, by PASID. */
  readonly #places = new Map([0, PASID].map((pasid) => [pasid, this.pasidOf(ID, pasid)]));

  constructor(part: Partial<Capabilities>, remembers: boolean) {
    super({ part });
    if (!remembers) Object.defineProperty(this.machine.instance(0).sight, 'remembers', { value: false });
    const SSPTPTRs = [0x77, 0x88].map((frame) => {
      const stage = new SecondTables(this.tableMemory, 4);
      stage.map(1, frame, { W: frame === 0x77 });
      return stage.root;
    });
    this.#entries = [
      ...SSPTPTRs.map((SSPTPTR, n) => PasidEntry.encode({ P: true, PGTT: 'second-stage', DID: 5 + n, AW: 48, SSPTPTR })),
      PasidEntry.encode({ P: true, PGTT: 'pass-through', DID: 7, AW: 57 }),
      PasidEntry.encode({ P: true, FPD: true }),
      0n,
    ];
    this.entry(0, 0);
    this.entry(PASID, 1);
    this.invalidateAll();
    this.addProcess(0, PASID);
  }

  /** Nothing is invalidated. */
  entry(pasid: number, which: number): void {
    toWords(this.#entries[which]!, 2).forEach((word, n) => this.poke(this.#places.get(pasid)! + BigInt(n * 8), word));
  }

  /** P of the context entry. */
  present(is: boolean): void {
    const at = this.contextOf(ID);
    const raw = this.peek(at);
    this.poke(at, raw - (raw % 2n) + (is ? 1n : 0n));
  }

  /** The root table, or a page without entries. */
  point(isRoot: boolean): void {
    this.write('RTADDR', Rtaddr.encode({ TTM: 'scalable', RTA: Number((isRoot ? this.root : this.root + 0x100n * PAGE) / PAGE) }));
    this.command({ SRTP: true });
  }

  /** Translation, with a root table that was set before. */
  switch(TE: boolean): void {
    if (TE) this.point(true);
    this.command({ TE });
  }
}

/** @param does Answers for an access. */
interface Step {
  readonly what: string;
  readonly does: (scene: Furnished) => Outcome | void;
}

const DESCRIPTORS = [
  ccInv({ G: 'global' }),
  ccInv({ G: 'device', SID: ID }),
  ccInv({ G: 'device', SID: ID + 1 }),
  pcInv({ G: 'global' }),
  pcInv({ G: 'domain', DID: 5 }),
  pcInv({ G: 'pasid', DID: 6, PASID }),
  pcInv({ G: 'pasid', DID: 5 }),
  iotlbInv({ G: 'global' }),
  iotlbInv({ G: 'domain', DID: 5 }),
];

const ACCESS = fc.record({
  requester: fc.constantFrom(0, 1),
  page: fc.constantFrom(1n, 2n, 0xf_ee00n),
  access: fc.constantFrom('read', 'write', 'execute'),
  privileged: fc.boolean(),
});

const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    arbitrary: ACCESS.map(({ requester, page, access, privileged }) => ({
      what: `${requester} ${access} page ${page}`,
      does: (scene: Furnished) => scene.access(requester, page * PAGE, access, privileged),
    })),
    weight: 6,
  },
  {
    arbitrary: fc
      .record({ pasid: fc.constantFrom(0, PASID), which: fc.nat(4) })
      .map(({ pasid, which }) => ({ what: `PASID ${pasid}: entry ${which}`, does: (scene: Furnished) => scene.entry(pasid, which) })),
    weight: 3,
  },
  { arbitrary: fc.boolean().map((is) => ({ what: `context ${is}`, does: (scene: Furnished) => scene.present(is) })), weight: 1 },
  {
    arbitrary: fc
      .nat(DESCRIPTORS.length - 1)
      .map((n) => ({ what: `descriptor ${n}`, does: (scene: Furnished) => scene.complete(DESCRIPTORS[n]!) })),
    weight: 4,
  },
  { arbitrary: fc.boolean().map((isRoot) => ({ what: `root ${isRoot}`, does: (scene: Furnished) => scene.point(isRoot) })), weight: 1 },
  { arbitrary: fc.boolean().map((TE) => ({ what: `TE ${TE}`, does: (scene: Furnished) => scene.switch(TE) })), weight: 1 },
);

suite('what is known of a requester', () => {
  for (const part of [{}, { CM: true }, { RWBF: true }, { ESRTPS: false }] satisfies Partial<Capabilities>[])
    test(`answers as reading it again would: ${JSON.stringify(part)}`, () => {
      fc.assert(
        fc.property(fc.array(STEP, { minLength: 4, maxLength: 40 }), (steps) => {
          const [known, read] = [new Furnished(part, true), new Furnished(part, false)];
          for (const { what, does } of steps) assert.deepEqual(does(known), does(read), what);
        }),
        { numRuns: 60 },
      );
    });
});
