import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { wordOf } from '#hw-models/core/address';
import {
  CFGI_ALL,
  cfgiSte,
  Scene,
  STAGE2,
  SYNC,
  TLBI_ALL,
  tlbiIpa,
  tlbiVmid,
  type SceneOptions,
  type SteValues,
} from '#hw-models/smmu-v3/scene';
import { TlbiNhVa, TlbiVmid } from '#hw-models/smmu-v3/commands';

const MODES = ['lazy', 'eager'] as const;
const LEAF = 0x7c3n;

/** Two streams with VMIDs 1 and 2, each with pages at these frames; all are used once, so that caches have them. */
const FRAMES = [1, 2, 3, 0x200] as const;

class Cached extends Scene {
  readonly roots: readonly bigint[];
  readonly entries: readonly (readonly bigint[])[];

  constructor(options: SceneOptions = {}, values: SteValues = {}) {
    super({ ids: [0, 1], ...options });
    this.roots = [0, 1].map(() => this.pages('page-table', 8192));
    this.entries = this.roots.map((root, stream) =>
      FRAMES.map((frame) =>
        this.map(root, [0, frame >> 9, frame % 512], 0x8000_0000n + BigInt(stream) * 0x100_0000n + BigInt(frame) * 0x1000n + LEAF),
      ),
    );
    this.roots.forEach((root, stream) => this.install(stream, { ...STAGE2, S2VMID: stream + 1, S2TTB: root / 16n, ...values }));
    this.all();
  }

  /** Every page of every stream, as it answers now. */
  all(): string[] {
    return this.roots.flatMap((_, stream) =>
      FRAMES.filter((frame) => this.hits(stream, frame)).map((frame) => `${stream + 1}:${frame.toString(16)}`),
    );
  }

  hits(stream: number, frame: number): boolean {
    return this.access(stream, BigInt(frame) * 0x1000n).kind === 'translated';
  }

  /** Removes every page from the tables. */
  clear(): this {
    for (const entry of this.entries.flat()) this.port.write64(entry, 0n);
    this.port.barrier();
    return this;
  }

  /** Removes a table of the last level from the tables above. */
  cut(stream: number, section: number): this {
    const last = this.machine.memory.get(wordOf(this.roots[stream]!)) - 3n;
    this.port.write64(last + BigInt(section * 8), 0n);
    this.port.barrier();
    return this;
  }
}

const ONE = ['1:1', '1:2', '1:3', '1:200'];
const TWO = ['2:1', '2:2', '2:3', '2:200'];
const EVERYTHING = [...ONE, ...TWO];
const without = (...gone: readonly string[]): string[] => EVERYTHING.filter((page) => !gone.includes(page));

suite('what an invalidation of translations drops', () => {
  const at = (values: Parameters<typeof tlbiIpa>[0]): bigint => tlbiIpa({ VMID: 1, Leaf: true, ...values });
  const ROWS: readonly (readonly [what: string, command: bigint, left: readonly string[], options?: SceneOptions])[] = [
    ['nothing was said', SYNC, EVERYTHING],
    ['all', TLBI_ALL, []],
    ['a VMID', tlbiVmid(1), TWO],
    ['a VMID that nobody has', tlbiVmid(3), EVERYTHING],
    ['one page', at({ Address: 2n }), without('1:2')],
    ['one page of the other VMID', tlbiIpa({ VMID: 2, Address: 0x200n, Leaf: true }), without('2:200')],
    ['one page, walk caches too', tlbiIpa({ VMID: 1, Address: 2n }), without('1:2')],
    ['a page that has no entry', at({ Address: 9n }), EVERYTHING],
    ['a range', at({ Address: 1n, TG: '4K', NUM: 1 }), without('1:1', '1:2')],
    ['a scaled range', at({ Address: 0n, TG: '4K', NUM: 0, SCALE: 9 }), without('1:1', '1:2', '1:3')],
    ['all of a VMID by range', at({ Address: 0n, TG: '4K', NUM: 31, SCALE: 31 }), TWO],
    ['the right level', at({ Address: 2n, TG: '4K', TTL: 3 }), without('1:2')],
    ['the wrong level', at({ Address: 0n, TG: '4K', TTL: 2, NUM: 1, SCALE: 9 }), EVERYTHING],
    ['the wrong granule', at({ Address: 0n, TG: '64K', NUM: 31, SCALE: 5 }), EVERYTHING],
    ['a level that Address is not aligned for', at({ Address: 1n, TG: '4K', TTL: 2, NUM: 1 }), EVERYTHING],
    ['a granule that Address is not aligned for', at({ Address: 1n, TG: '16K', TTL: 3, NUM: 3 }), EVERYTHING],
    ['descriptors of 128 bits', at({ Address: 2n, TG: '4K', TTL: 3, TTL128: true }), EVERYTHING],
    ['stage 1 of a VMID', TlbiVmid.encode({ opcode: 0x10, VMID: 1 }), EVERYTHING],
    ['stage 1 by address', TlbiNhVa.encode({ opcode: 0x12, VMID: 1, Address: 2n }), EVERYTHING],
    ['configuration', CFGI_ALL, EVERYTHING],
    ['too wide a VMID', tlbiVmid(0x101), EVERYTHING, { part: { VMID16: false } }],
  ];
  for (const mode of MODES) {
    for (const [what, command, left, options] of ROWS) {
      test(`${what} (${mode})`, () => {
        const scene = new Cached({ mode, ...options }).clear();
        assert.deepEqual(scene.all(), EVERYTHING);
        scene.complete(command);
        assert.deepEqual(scene.all(), left);
      });
    }

    test(`VMIDs that wildcards make equal (${mode})`, () => {
      const scene = new Cached({ mode, part: { VMW: true } });
      scene.enable({ SMMUEN: true, CMDQEN: true, EVENTQEN: true, VMW: 1 });
      scene.clear().complete(tlbiVmid(3));
      assert.deepEqual(scene.all(), ONE, 'VMID 2 is 3 without its lowest bit');
      scene.complete(tlbiIpa({ VMID: 0, Address: 1n }));
      assert.deepEqual(scene.all(), ONE.slice(1));
    });

    test(`a block, by any address in it (${mode})`, () => {
      const scene = new Cached({ mode });
      const block = scene.map(scene.roots[0]!, [0, 7], 0x4000_07c1n);
      assert.strictEqual(scene.access(0, 0xe0_0000n).kind, 'translated');
      scene.port.write64(block, 0n);
      scene.port.barrier();
      scene.complete(at({ Address: 0xfffn }));
      assert.isFalse(scene.hits(0, 0xe00));
    });
  }

  test('the entry of a table stays with Leaf = 1, and what is below it', () => {
    const scene = new Cached({ mode: 'eager' }).cut(0, 0);
    scene.complete(at({ Address: 1n, NUM: 0, TG: '4K', SCALE: 9 }));
    assert.deepEqual(scene.all(), EVERYTHING);
  });

  test('the entry of a table goes with Leaf = 0, but leaves elsewhere may be cached', () => {
    const scene = new Cached({ mode: 'eager' }).cut(0, 0);
    scene.complete(tlbiIpa({ VMID: 1, Address: 1n }));
    assert.deepEqual(scene.all(), without('1:1'));
    scene.complete(tlbiIpa({ VMID: 1, Address: 0n, TG: '4K', SCALE: 9 }));
    assert.deepEqual(scene.all(), without('1:1', '1:2', '1:3'));
  });

  test('TTL spares tables at its level and below', () => {
    const scene = new Cached({ mode: 'eager' }).cut(0, 0);
    scene.complete(tlbiIpa({ VMID: 1, Address: 0n, TG: '4K', TTL: 2, SCALE: 9 }));
    assert.deepEqual(scene.all(), EVERYTHING);
    scene.complete(tlbiIpa({ VMID: 1, Address: 0n, TG: '4K', TTL: 3, SCALE: 9 }));
    assert.deepEqual(scene.all(), without('1:1', '1:2', '1:3'));
  });
});

suite('when it takes effect', () => {
  test('not before software has seen the CMD_SYNC', () => {
    const scene = new Cached({ mode: 'eager' }).clear();
    scene.submit(TLBI_ALL);
    scene.read('CMDQ_CONS');
    assert.deepEqual(scene.all(), EVERYTHING, 'consumption of the command means nothing');
    scene.submit(SYNC);
    assert.deepEqual(scene.all(), EVERYTHING, 'nobody has looked');
    scene.read('CMDQ_CONS');
    assert.isEmpty(scene.all());
  });

  test('only what was stale when the command was fetched', () => {
    const scene = new Cached({ mode: 'eager' });
    scene.submit(TLBI_ALL);
    scene.clear().complete();
    assert.deepEqual(scene.all(), EVERYTHING);
    scene.complete(TLBI_ALL);
    assert.isEmpty(scene.all());
  });

  test('a new entry is seen when its store is ordered, without any invalidation', () => {
    const scene = new Cached({ mode: 'eager' });
    scene.port.write64(scene.entries[0]![0]! + 8n * 8n, 0x9000_0000n + LEAF);
    assert.isFalse(scene.hits(0, 9));
    scene.port.barrier();
    assert.isTrue(scene.hits(0, 9));
  });

  test('an invalidation of the TLB may come before one of configuration in the same batch', () => {
    const stale = (...batches: readonly (readonly bigint[])[]): boolean => {
      const scene = new Cached({ mode: 'eager' });
      scene.port.write64(scene.entryOf(0), 0n);
      for (const batch of batches) scene.complete(...batch);
      scene.install(0, { ...STAGE2, S2TTB: scene.pages('page-table', 8192) / 16n });
      return scene.hits(0, 1);
    };
    assert.isTrue(stale([cfgiSte(0), tlbiVmid(1)]));
    assert.isFalse(stale([cfgiSte(0)], [tlbiVmid(1)]));
  });
});
