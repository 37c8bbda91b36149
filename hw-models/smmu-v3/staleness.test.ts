import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { CfgiSteRange } from '#hw-models/smmu-v3/commands';
import { CFGI_ALL, cfgiSte, Scene, STAGE2, SYNC, TLBI_ALL, tlbiIpa, type SteValues } from '#hw-models/smmu-v3/scene';
import { L1Std, Ste } from '#hw-models/smmu-v3/ste';
import { STAGE2_LEAVES } from '#hw-models/smmu-v3/tables';

const MODES = ['lazy', 'eager'] as const;

suite('what an invalidation of configuration drops', () => {
  const ABORT = Ste.word(Ste.encode({ V: true, Config: 'abort' }), 0);
  const range = (StreamID: number, Range: number): bigint => CfgiSteRange.encode({ opcode: 4, StreamID, Range });
  const ROWS: readonly (readonly [what: string, command: bigint, left: readonly number[]])[] = [
    ['nothing was said', SYNC, [4, 5, 6, 20]],
    ['a stream', cfgiSte(5), [4, 6, 20]],
    ['a stream that nobody is', cfgiSte(7), [4, 5, 6, 20]],
    ['a stream beyond the table', cfgiSte(0x1_0005), [4, 5, 6, 20]],
    ['a range, whose low bits do not count', range(5, 0), [6, 20]],
    ['a wider range', range(7, 2), [20]],
    ['all', CFGI_ALL, []],
    ['translations', TLBI_ALL, [4, 5, 6, 20]],
  ];
  for (const mode of MODES) {
    for (const [what, command, left] of ROWS) {
      test(`${what} (${mode})`, () => {
        const ids = [4, 5, 6, 20];
        const scene = new Scene({ ids, mode });
        for (const id of ids) scene.install(id, { V: true, Config: 'bypass', SHCFG: 'incoming' });
        const passing = (): number[] => ids.filter((_, requester) => scene.access(requester, 0n).kind === 'bypassed');
        assert.deepEqual(passing(), ids);
        for (const id of ids) scene.port.write64(scene.entryOf(id), ABORT);
        scene.port.barrier();
        assert.deepEqual(passing(), ids);
        scene.complete(command);
        assert.deepEqual(passing(), left);
      });
    }
  }
});

suite('level-1 descriptors', () => {
  for (const mode of MODES) {
    const scene = (): Scene => {
      const made = new Scene({ ids: [0x105, 0x106], log2Size: 10, split: 8, mode });
      made.access(0, 0n);
      made.access(1, 0n);
      return made;
    };
    const told = (of: Scene, requester: number): string => {
      const outcome = of.access(requester, 0n);
      return outcome.kind === 'faulted' ? outcome.fault.cause : outcome.kind;
    };
    const point = (of: Scene, entry: bigint): void => {
      of.port.write64(of.streamTable + 8n, entry);
      of.port.barrier();
    };

    test(`stay in caches with Leaf = 1 (${mode})`, () => {
      const made = scene();
      point(made, L1Std.encode({ Span: 9, L2Ptr: made.pages('device-table', 16384) / 64n }));
      made.complete(cfgiSte(0x105));
      assert.strictEqual(told(made, 0), 'C_BAD_STREAMID');
      made.complete(cfgiSte(0x105, false));
      assert.strictEqual(told(made, 0), 'C_BAD_STE');
    });

    test(`that led nowhere are gone for every stream of the span (${mode})`, () => {
      const made = scene();
      point(made, L1Std.encode({ Span: 9, L2Ptr: made.pages('device-table', 16384) / 64n }));
      made.complete(cfgiSte(0x105, false));
      assert.strictEqual(told(made, 1), 'C_BAD_STE');
    });

    test(`that led to an array leave the STEs of the other streams (${mode})`, () => {
      const made = scene();
      made.span(0x105, 9);
      for (const id of [0x105, 0x106]) made.install(id, { V: true, Config: 'bypass', SHCFG: 'incoming' });
      made.access(0, 0n);
      made.access(1, 0n);
      point(made, 0n);
      made.complete(cfgiSte(0x105, false));
      assert.deepEqual([told(made, 0), told(made, 1)], ['C_BAD_STREAMID', 'bypassed']);
      made.complete(cfgiSte(0x106, false));
      assert.strictEqual(told(made, 1), 'C_BAD_STREAMID');
    });
  }
});

suite('what caches may hold of the tables, as the sanitizer sees it', () => {
  const page = (values: Parameters<(typeof STAGE2_LEAVES)['4K'][3]['encode']>[0]): bigint =>
    STAGE2_LEAVES['4K'][3].encode({ valid: true, tableOrPage: true, AF: true, S2AP: 3, ...values });

  /** One stream; `granted` says which frames it has. */
  function armed(
    values: SteValues,
    descriptor: (index: number) => bigint,
  ): { readonly scene: Scene; readonly entries: readonly bigint[]; readonly granted: Set<number> } {
    const scene = new Scene();
    const root = scene.pages('page-table', 8192);
    const entries = Array.from({ length: 16 }, (_, index) => scene.map(root, [0, 0, 16 + index], descriptor(index)));
    scene.install(0, { ...STAGE2, ...values, S2TTB: root / 16n });
    const granted = new Set(Array.from({ length: 16 }, (_, index) => 16 + index));
    scene.machine.grants = {
      granted: (_requester, input, _page, frames, prot) =>
        Array.from({ length: frames }, (_, index) => input + index).every((frame) => prot === 0 || granted.has(frame)),
      mayPass: () => false,
    };
    scene.machine.arm();
    return { scene, entries, granted };
  }
  const revoke =
    ({ scene, granted }: ReturnType<typeof armed>, frame: number) =>
    (): void => {
      granted.delete(frame);
      scene.machine.reachOf(0).checkRange(0, frame, 1);
    };
  const drop = ({ scene, entries }: ReturnType<typeof armed>, index: number): void => {
    scene.port.write64(entries[index]!, 0n);
    scene.port.barrier();
    scene.complete(tlbiIpa({ VMID: 1, Address: BigInt(16 + index), Leaf: true }));
  };

  test('a page is gone when its entry is cleared and invalidated', () => {
    const one = armed({}, (index) => page({ OAB: 0x8_0000 + index }));
    drop(one, 5);
    assert.doesNotThrow(revoke(one, 21));
    assert.throws(revoke(one, 22), /PA 0x8000_6000/);
  });

  test('a member of a contiguous group is still there through its neighbours', () => {
    const group = armed({}, (index) => page({ OAB: 0x8_0000 + index, Contiguous: true }));
    drop(group, 5);
    assert.throws(revoke(group, 21), /64 KiB/);
  });

  test('a stale writable-clean page permits reads only', () => {
    const clean = armed({ S2HA: true, S2HD: true }, (index) => page({ OAB: 0x8_0000 + index, S2AP: 1, DBM: true, XN: 2 }));
    const { scene, entries } = clean;
    scene.port.write64(entries[5]!, 0n);
    scene.port.barrier();
    assert.throws(revoke(clean, 21), /\(rw-/);
    const asked: number[] = [];
    scene.machine.grants = { granted: (...[, , , , prot]) => asked.push(prot) > 0, mayPass: () => false };
    scene.machine.reachOf(0).checkRange(0, 21, 1);
    assert.deepEqual(asked, [1]);
  });

  test('a page whose Access flag is clear was never cached', () => {
    const fresh = armed({ S2HA: true }, (index) => page({ OAB: 0x8_0000 + index, AF: index !== 5 }));
    fresh.scene.port.write64(fresh.entries[5]!, 0n);
    fresh.scene.port.barrier();
    assert.doesNotThrow(revoke(fresh, 21));
    fresh.scene.port.write64(fresh.entries[6]!, 0n);
    fresh.scene.port.barrier();
    assert.throws(revoke(fresh, 22), /what a cache may still hold/);
  });

  test('a table that begins at the same place and is smaller is another, and the rest of it goes with the larger', () => {
    const scene = new Scene();
    const root = scene.pages('page-table', 8192);
    const UPPER = 512;
    const leaf = scene.map(root, [UPPER, 0, 0], page({ OAB: 0x8_0000 }));
    const reached = (): number => [...scene.machine.reachOf(0).reachable(0)].length;
    for (const [S2T0SZ, frames] of [
      [24, 1],
      [25, 0],
      [24, 1],
    ] as const) {
      scene.install(0, { ...STAGE2, S2T0SZ, S2TTB: root / 16n });
      scene.complete(TLBI_ALL);
      assert.strictEqual(reached(), frames);
    }
    scene.port.write64(leaf, 0n);
  });

  test('clearing the dirty state takes an invalidation', () => {
    const dirty = armed({ S2HA: true, S2HD: true }, (index) => page({ OAB: 0x8_0000 + index, DBM: true, XN: 2 }));
    const { scene, entries } = dirty;
    const held = (): number => [...scene.machine.reachOf(0).reachable(0, 21, 1)].length;
    scene.port.write64(entries[5]!, page({ OAB: 0x8_0005, S2AP: 1, DBM: true, XN: 2 }));
    scene.port.barrier();
    assert.strictEqual(held(), 2);
    scene.complete(tlbiIpa({ VMID: 1, Address: 21n, Leaf: true }));
    assert.strictEqual(held(), 1);
  });
});
