import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import type { InvalidateAtc, RespondToGroup } from '#hw-models/riscv-iommu/commands';
import { AtsInval, AtsPrgr, COMMANDS } from '#hw-models/riscv-iommu/commands';
import { INVALIDATE_DDT, invalidateDdt, invalidateGvma, invalidateVma, Scene } from '#hw-models/riscv-iommu/scene';
import { SceneTables } from '#hw-models/riscv-iommu/scene-tables';
import { fence } from '#hw-models/riscv-iommu/software';

/** Where pages lead at first, and after every table was changed. */
const OLD = 0x1_0000_0000n;
const NEW = 0x2_0000_0000n;
const PAGES = [0x1000n, 0x2000n, 0x40_0000n] as const;
const GLOBAL = 0x2000n;
const SUPERPAGE = 0x40_0000n;

/** Two host address spaces and two guests, each with the same pages; all are in the caches with their old values. */
class Stale extends Scene {
  /** By requester: PSCIDs 1 and 2; GSCID 1 with PSCID 1; GSCID 2. */
  constructor() {
    super({ ids: [1, 2, 3, 4] });
    const firsts = [1, 2, 3].map((id) => [id, new SceneTables(this, 'Sv39')] as const);
    const guests = [3, 4].map((id) => [id, new SceneTables(this, 'Sv39x4')] as const);
    const map = (to: bigint): void => {
      for (const [, first] of firsts) {
        first.map(0x1000n, to);
        first.map(GLOBAL, to, { G: true });
        first.map(SUPERPAGE, to, {}, 1);
      }
      for (const [, second] of guests) for (const page of [...PAGES, OLD, NEW]) second.map(page, to);
    };
    map(OLD);
    const identity = guests[0]![1];
    for (const table of firsts[2]![1].tables) identity.map(table, table);
    identity.map(OLD, OLD);
    const PPN = (tables: readonly (readonly [number, SceneTables])[], id: number): number => tables.find(([one]) => one === id)![1].PPN;
    this.install(1, { iosatp: { MODE: 'Sv39', PPN: PPN(firsts, 1) }, ta: { PSCID: 1 } });
    this.install(2, { iosatp: { MODE: 'Sv39', PPN: PPN(firsts, 2) }, ta: { PSCID: 2 } });
    this.install(3, {
      iosatp: { MODE: 'Sv39', PPN: PPN(firsts, 3) },
      ta: { PSCID: 1 },
      iohgatp: { MODE: 'Sv39x4', PPN: PPN(guests, 3), GSCID: 1 },
    });
    this.install(4, { iohgatp: { MODE: 'Sv39x4', PPN: PPN(guests, 4), GSCID: 2 } });
    this.fresh();
    map(NEW);
    identity.map(OLD, NEW);
    identity.map(NEW, NEW);
  }

  /** Requesters and pages whose answers are new. */
  fresh(): string[] {
    return this.machine.requesters.flatMap((_, requester) =>
      PAGES.flatMap((page) => {
        const outcome = this.iommu.access({
          ...{ requester, id: requester + 1, pasid: undefined, iova: page, access: 'read', privileged: false },
        });
        if (outcome.kind !== 'translated') throw new Error(`${requester} ${page.toString(16)} is not translated`);
        return outcome.pa >= NEW ? [`${requester} ${page.toString(16)}`] : [];
      }),
    );
  }
}

const all = (...requesters: readonly number[]): string[] => requesters.flatMap((one) => PAGES.map((page) => `${one} ${page.toString(16)}`));

suite('what a command drops', () => {
  const ROWS: readonly (readonly [what: string, command: bigint, dropped: readonly string[]])[] = [
    ['nothing, a fence alone', fence(), []],
    ['IOTINVAL.VMA: every host address space, and no guest', invalidateVma(), all(0, 1)],
    ['IOTINVAL.VMA with PSCV: one address space, without global mappings', invalidateVma({ PSCV: true, PSCID: 1 }), ['0 1000', '0 400000']],
    ['IOTINVAL.VMA with AV: one page of all', invalidateVma({ AV: true, ADDR: 1n }), ['0 1000', '1 1000']],
    ['IOTINVAL.VMA with AV: global mappings too', invalidateVma({ AV: true, ADDR: 2n }), ['0 2000', '1 2000']],
    ['IOTINVAL.VMA with AV: a superpage by any of its pages', invalidateVma({ AV: true, ADDR: 0x5ffn }), ['0 400000', '1 400000']],
    ['IOTINVAL.VMA with PSCV and AV: one page of one', invalidateVma({ PSCV: true, PSCID: 2, AV: true, ADDR: 1n }), ['1 1000']],
    ['IOTINVAL.VMA with PSCV and AV: not a global one', invalidateVma({ PSCV: true, PSCID: 2, AV: true, ADDR: 2n }), []],
    ['IOTINVAL.VMA with GV: one guest, and its first stage alone', invalidateVma({ GV: true, GSCID: 1 }), all(2)],
    ['IOTINVAL.VMA with GV: no other', invalidateVma({ GV: true, GSCID: 2 }), []],
    ['IOTINVAL.VMA with GV and PSCV', invalidateVma({ GV: true, GSCID: 1, PSCV: true, PSCID: 1 }), ['2 1000', '2 400000']],
    ['IOTINVAL.GVMA: every second stage', invalidateGvma(), all(2, 3)],
    ['IOTINVAL.GVMA with GV: one', invalidateGvma({ GV: true, GSCID: 2 }), all(3)],
    ['IOTINVAL.GVMA with GV and AV: one page', invalidateGvma({ GV: true, GSCID: 2, AV: true, ADDR: 1n }), ['3 1000']],
    ['IOTINVAL.GVMA with AV and without GV: every second stage', invalidateGvma({ AV: true, ADDR: 1n }), all(2, 3)],
    ['IODIR.INVAL_DDT: no translation', INVALIDATE_DDT, []],
  ];
  for (const [what, command, dropped] of ROWS)
    test(what, () => {
      const scene = new Stale();
      assert.deepEqual(scene.fresh(), []);
      scene.complete(command);
      assert.sameMembers(scene.fresh(), [...dropped]);
    });

  test('with an address, what caches keep of tables above leaves stays reachable; without, it goes', () => {
    for (const [command, stays] of [
      [invalidateVma({ AV: true, ADDR: 1n }), true],
      [invalidateVma(), false],
    ] as const) {
      const scene = new Scene();
      const tables = new SceneTables(scene, 'Sv39');
      tables.map(0x1000n, OLD);
      scene.install(1, { iosatp: { MODE: 'Sv39', PPN: tables.PPN } });
      scene.access(0, 0x1000n);
      tables.set(0x1000n, 0n, 1);
      scene.complete(command);
      assert.strictEqual([...scene.machine.instance(0).reach.reachable(0)].length > 0, stays);
    }
  });
});

suite('a fence', () => {
  test('that waits for reads or writes ends those that are on their way', () => {
    for (const PR of [false, true])
      for (const PW of [false, true]) {
        const scene = new Scene();
        scene.submit(INVALIDATE_DDT, fence({ PR, PW }));
        assert.isTrue(scene.wait());
        assert.strictEqual(scene.iommu.mayBeAccessing('read'), !PR);
        assert.strictEqual(scene.iommu.mayBeAccessing('write'), !PW);
      }
  });

  test('without an invalidation before it leaves nothing on its way', () => {
    const scene = new Scene();
    scene.submit(fence());
    assert.isTrue(scene.wait());
    assert.isFalse(scene.iommu.mayBeAccessing('write'));
  });

  test('after an invalidation of what was never used leaves nothing on its way', () => {
    const scene = new Scene();
    scene.submit(invalidateVma(), fence());
    assert.isTrue(scene.wait());
    assert.isFalse(scene.iommu.mayBeAccessing('write'));
  });

  test('that orders nothing does not end what an earlier one left', () => {
    const scene = new Scene();
    scene.submit(invalidateDdt(1), fence(), fence());
    assert.isTrue(scene.wait());
    assert.isTrue(scene.iommu.mayBeAccessing('write'));
    scene.submit(fence({ PR: true, PW: true }));
    assert.isTrue(scene.wait());
    assert.isFalse(scene.iommu.mayBeAccessing('write'));
  });
});

suite('messages to devices', () => {
  test('are sent as the commands say', () => {
    const sent: (InvalidateAtc | RespondToGroup)[] = [];
    const endpoints = {
      invalidate: (message: InvalidateAtc): 'done' => {
        sent.push(message);
        return 'done';
      },
      respond: (message: RespondToGroup): void => {
        sent.push(message);
      },
    };
    const scene = new Scene({ endpoints });
    scene.complete(
      AtsInval.encode({ opcode: COMMANDS['ATS.INVAL'].opcode, RID: 0x100, PV: true, PID: 5, G: true, Address: 3n }),
      AtsPrgr.encode({
        ...{ opcode: COMMANDS['ATS.PRGR'].opcode, func3: COMMANDS['ATS.PRGR'].func3, RID: 0x100 },
        ...{ DSV: true, DSEG: 2, ResponseCode: 'success', PageRequestGroupIndex: 7 },
      }),
    );
    assert.deepEqual(sent, [
      { kind: 'ATS.INVAL', segment: undefined, rid: 0x100, processId: 5, global: true, sized: false, address: 0x3000n },
      { kind: 'ATS.PRGR', segment: 2, rid: 0x100, processId: undefined, group: 7, status: 'success' },
    ]);
  });

  test('that are not answered stop the next fence, once', () => {
    let answer: 'done' | 'timeout' = 'timeout';
    const scene = new Scene({ endpoints: { invalidate: () => answer, respond: () => undefined } });
    const inval = AtsInval.encode({ opcode: COMMANDS['ATS.INVAL'].opcode });
    scene.submit(inval, fence());
    assert.isFalse(scene.wait());
    assert.strictEqual((scene.read('cqcsr') / 0x200n) % 2n, 1n);
    answer = 'done';
    scene.write('cqcsr', 0x203n);
    assert.isTrue(scene.wait());
  });
});
