/** Random input for the model: whatever it is given, it answers as documented, or says that the specification leaves it open. */
import { assert } from 'chai';
import * as fc from 'fast-check';

import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import { act, acts, bits, modes, near, property, tolerating, word, type Property } from '#hw-models/core/testdata/random-input';
import { Iosatp, MsiBasic, MsiFile, PcTa, PdtEntry } from '#hw-models/riscv-iommu/contexts';
import { decode, misconfiguration } from '#hw-models/riscv-iommu/device-context';
import { COMMANDS } from '#hw-models/riscv-iommu/commands';
import { CAUSES } from '#hw-models/riscv-iommu/fault-record';
import { MAP } from '#hw-models/riscv-iommu/registers';
import type { Answer, Inbound } from '#hw-models/riscv-iommu/request';
import { Scene, wordsOf, type DcValues } from '#hw-models/riscv-iommu/scene';
import { PAGE_ENTRY } from '#hw-models/riscv-iommu/scene-tables';
import { Pte } from '#hw-models/riscv-iommu/tables';

/** Frames that random tables lie in. */
const TABLES = 0x2_0000;
const POOL = 12;

/** The specification may leave open what follows. */
const tolerantly = tolerating(UnspecifiedBehaviour);

const inbounds: fc.Arbitrary<Inbound> = fc.record({
  deviceId: fc.constantFrom(1, 1, 1, 0, 0xff_ffff),
  processId: fc.option(fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 0xf_ffff })), { nil: undefined }),
  privileged: fc.boolean(),
  iova: fc.oneof(fc.bigInt({ min: 0n, max: 0x7fffn }), word),
  access: fc.constantFrom('read', 'write', 'execute'),
  type: fc.constantFrom('untranslated', 'untranslated', 'translated', 'ats'),
  noWrite: fc.boolean(),
});

/** Fails for an answer that no row of the specification's tables gives. */
function documented(answer: Answer): void {
  switch (answer.kind) {
    case 'translated':
      assert.isTrue(answer.bypassed || answer.pa < 2n ** 56n, `PA ${answer.pa.toString(16)}`);
      break;
    case 'interrupt-file':
      assert.isBelow(answer.noticeId, 2048);
      break;
    case 'ats':
      assert.isTrue(answer.cause === undefined || answer.cause in CAUSES);
      break;
    case 'refused':
      assert.property(CAUSES, String(answer.cause));
  }
}

const dcs: fc.Arbitrary<DcValues> = fc.record(
  {
    tc: fc.record({ EN_ATS: fc.boolean(), DTF: fc.boolean(), SADE: fc.boolean(), GADE: fc.boolean() }),
    iohgatp: fc.record({ MODE: fc.constantFrom('Sv39x4', 'Sv48x4', 'Sv57x4'), PPN: fc.constant(TABLES) }),
    iosatp: fc.record({ MODE: fc.constantFrom('Sv39', 'Sv48', 'Sv57'), PPN: fc.constantFrom(0, TABLES + 4) }),
    msiptp: fc.record({ MODE: fc.constantFrom('Off', 'Flat'), PPN: fc.constant(TABLES + 8) }),
    mask: fc.bigInt({ min: 0n, max: 7n }),
  },
  { requiredKeys: [] },
);
const pointer = fc.nat({ max: POOL - 1 }).map((nth) => Pte.encode({ V: true, PPN: TABLES + nth }));
const page = fc.nat({ max: POOL - 1 }).map((nth) => Pte.encode({ ...PAGE_ENTRY, PPN: TABLES + nth }));
/** Entries for the first words of each frame of the pool. */
const pools = fc.array(
  fc.tuple(fc.nat({ max: POOL - 1 }), fc.nat({ max: 3 }), fc.oneof(word, near(pointer), near(page))),
  { minLength: 10, maxLength: 40 },
);

function fill(scene: Scene, entries: readonly (readonly [frame: number, index: number, raw: bigint])[]): void {
  for (const [frame, index, raw] of entries) scene.machine.memory.set((TABLES + frame) * 512 + index, raw);
}

const ask = (scene: Scene, requests: readonly Inbound[]): Answer[] =>
  requests.map((inbound) => {
    const answer = scene.translate(inbound.iova, inbound);
    documented(answer);
    return answer;
  });
const requests = fc.array(inbounds, { minLength: 1, maxLength: 6 });

const deviceContexts = property(
  fc.tuple(
    modes,
    fc.oneof(
      fc.array(word, { minLength: 8, maxLength: 8 }),
      fc.tuple(dcs.map(wordsOf), fc.nat({ max: 7 }), near(fc.constant(0n))).map(([words, at, flips]) => words.map((raw, n) => (n === at ? raw ^ flips : raw))),
    ),
    requests,
  ),
  ([mode, words, inbound]) => {
    const scene = new Scene({ mode });
    scene.installWords(1, words);
    const isValid = words[0]! % 2n === 1n;
    const bad = !isValid ? 258 : misconfiguration(decode(words), scene.part) === undefined ? undefined : 259;
    for (const answer of ask(scene, inbound.map((one) => ({ ...one, deviceId: 1 })))) {
      const cause = answer.kind === 'refused' ? answer.cause : undefined;
      assert.strictEqual(cause === 258 || cause === 259 ? cause : undefined, bad);
    }
  },
);

const processContexts = property(
  fc.tuple(
    modes,
    fc.constantFrom('PD8', 'PD17', 'PD20'),
    dcs,
    fc.array(
      fc.tuple(
        fc.nat({ max: POOL - 1 }),
        fc.nat({ max: 7 }),
        fc.oneof(
          word,
          near(fc.constantFrom(PcTa.encode({ V: true, ENS: true, SUM: true }), Iosatp.encode({ MODE: 'Sv39', PPN: TABLES + 4 }))),
          near(fc.nat({ max: POOL - 1 }).map((nth) => PdtEntry.encode({ V: true, PPN: TABLES + nth }))),
        ),
      ),
      { minLength: 4, maxLength: 30 },
    ),
    requests,
  ),
  ([mode, MODE, { iosatp: _none, ...dc }, entries, inbound]) => {
    const scene = new Scene({ mode });
    fill(scene, entries);
    scene.install(1, { ...dc, tc: { ...dc.tc, PDTV: true, DPE: true }, pdtp: { MODE, PPN: TABLES } });
    ask(scene, inbound);
  },
);

const tables = property(fc.tuple(modes, dcs, pools, requests, pools), ([mode, dc, entries, inbound, stores]) => {
  const scene = new Scene({ mode });
  fill(scene, entries);
  scene.install(1, dc);
  ask(scene, inbound);
  fill(scene, stores);
  ask(scene, inbound);
});

const msiEntries = property(
  fc.tuple(
    fc.array(
      fc.oneof(
        word,
        near(fc.constantFrom(MsiBasic.encode({ V: true, M: 'basic', PPN: 5 }), MsiFile.encode({ V: true, M: 'interruptFile', file: 5 }))),
      ),
      { minLength: 16, maxLength: 16 },
    ),
    fc.bigInt({ min: 0n, max: 7n }),
    fc.bigInt({ min: 0n, max: 15n }),
    requests,
  ),
  ([entries, mask, pattern, inbound]) => {
    const scene = new Scene();
    fill(
      scene,
      entries.map((raw, at) => [8, at, raw]),
    );
    scene.install(1, { tc: { EN_ATS: true }, msiptp: { MODE: 'Flat', PPN: TABLES + 8 }, mask, pattern });
    ask(scene, inbound);
  },
);

const command = fc
  .tuple(bits(128), fc.constantFrom(...Object.values(COMMANDS)), fc.boolean(), fc.boolean())
  .map(([raw, { opcode, func3, layout }, isSparse, isKnown]) => {
    const operands = isSparse ? raw & ~layout.reservedMask : raw;
    return isKnown ? operands - (operands % 1024n) + BigInt(func3 * 128 + opcode) : raw;
  });

const commands = property(fc.tuple(modes, fc.array(command, { minLength: 1, maxLength: 8 })), ([mode, all]) => {
  const scene = new Scene({ mode });
  scene.install(1, {});
  tolerantly(() => {
    scene.submit(...all);
    for (let tries = 0; tries <= all.length; tries++) {
      scene.wait();
      scene.write('cqcsr', 0xf03n);
      scene.settle();
    }
  });
  documented(scene.translate(0x1000n));
});

const values = fc.oneof(word, fc.bigInt({ min: 0n, max: 31n }), fc.constant(BigInt(TABLES) * 1024n + 1n));

const many = fc.array(acts(MAP, values, inbounds), { minLength: 1, maxLength: 25 });
const registers = property(fc.tuple(modes, dcs, many), ([mode, dc, all]) => {
  const scene = new Scene({ mode });
  scene.install(1, dc);
  const device = {
    request: (inbound: Inbound) => documented(scene.translate(inbound.iova, inbound)),
    requestPage: () => scene.requestPage({}),
  };
  for (const one of all) tolerantly(() => act(scene.port, device, one));
});

/** By what is random. */
export const ROBUSTNESS: Readonly<Record<string, Property>> = {
  'device contexts': deviceContexts,
  'process contexts': processContexts,
  'translation tables': tables,
  'MSI page table entries': msiEntries,
  commands,
  'registers in random order': registers,
};
