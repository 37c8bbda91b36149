/** Random bytes of users: whatever a guest hands in, the driver answers as documented, and the sanitizer has nothing to say. For `npm run fuzz`. */
import { assert } from 'chai';
import * as fc from 'fast-check';
import { connect } from '#drivers/connect';
import type { Errno } from '#drivers/contract/driver';
import { HWPT_DATA, HWPT_RISCV_BYTES, HwptRiscv, INVALIDATE_DATA } from '#drivers/contract/uapi';
import { wordOf } from '#hw-models/core/address';
import { fromWords } from '#hw-models/core/bits';
import type { Outcome } from '#hw-models/core/hardware';
import { COMMANDS, CommandWord } from '#hw-models/riscv-iommu/commands';
import { Iosatp, Pdtp, Tc } from '#hw-models/riscv-iommu/contexts';
import { Pte } from '#hw-models/riscv-iommu/tables';
import type { Arrival } from '#steps/bench/arrival';
import { Bench } from '#steps/bench/bench';
import { littleEndian } from '#steps/bench/described';
import { nestParentWithGuest } from '#steps/bench/guest';
import { act, say } from '#steps/bench/verbs';

const ENTRY_BYTES = CommandWord.width / 8;
/** Where the guest's tables and data lie, in frames of the guest, and its tables in memory. */
const GUEST = { tables: 0x100, data: 0x200, frames: 16, pa: 0x9010_0000n } as const;
const DOCUMENTED = { allocation: ['EINVAL', 'EOPNOTSUPP'], invalidation: ['EINVAL', 'EOPNOTSUPP', 'EFAULT'] } as const satisfies Record<
  string,
  readonly Errno[]
>;

const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const frame = fc.oneof(
  fc.nat({ max: GUEST.frames - 1 }).map((n) => GUEST.tables + n),
  fc.nat({ max: GUEST.frames - 1 }).map((n) => GUEST.data + n),
  fc.nat(),
);
const byte = fc.nat({ max: 255 });

const context = fc.oneof(
  fc.record({ tc: word, iohgatp: word, ta: word, fsc: word, msiptp: word }).map((words) => HwptRiscv.encode(words)),
  fc
    .record({
      V: fc.boolean(),
      PDTV: fc.boolean(),
      DPE: fc.boolean(),
      SADE: fc.boolean(),
      first: fc.constantFrom('Bare', 'Sv39', 'Sv48', 'Sv57'),
      directory: fc.constantFrom('Bare', 'PD8', 'PD17', 'PD20'),
      PPN: frame,
    })
    .map(({ first, directory, PPN, ...tc }) =>
      HwptRiscv.encode({
        tc: Tc.encode(tc),
        fsc: tc.PDTV ? Pdtp.encode({ MODE: directory, PPN }) : Iosatp.encode({ MODE: first, PPN }),
      }),
    ),
);
const data = fc.oneof(
  fc.array(byte, { maxLength: HWPT_RISCV_BYTES.most + 8 }),
  context.map((raw) => littleEndian(raw, HWPT_RISCV_BYTES.most)),
);
const entry = fc.record({
  at: fc.nat({ max: GUEST.frames * 512 - 1 }),
  raw: fc.oneof(
    word,
    fc
      .record({ V: fc.boolean(), R: fc.boolean(), W: fc.boolean(), X: fc.boolean(), U: fc.boolean(), A: fc.boolean(), PPN: frame })
      .map((pte) => Pte.encode(pte)),
  ),
});
const command = fc
  .tuple(fc.constantFrom(...Object.values(COMMANDS)), word, word)
  .map(([{ opcode, func3 }, low, high]) => CommandWord.with(fromWords([low, high]), { opcode, func3 }));
const commands = fc.oneof(
  fc.array(byte, { maxLength: 3 * ENTRY_BYTES }),
  fc.array(command, { maxLength: 4 }).map((all) => all.flatMap((raw) => littleEndian(raw, ENTRY_BYTES))),
);
const access = fc.record({ kind: fc.constantFrom('read', 'write', 'execute'), iova: fc.oneof(fc.bigInt({ min: 0n, max: 0x20_ffffn }), word) });

const cases = fc.record({
  data,
  entries: fc.array(entry, { maxLength: 6 }),
  commands,
  accesses: fc.array(access, { maxLength: 4 }),
});

/** An access comes to the same a second time. */
const again = (outcome: Outcome): Arrival => (outcome.kind === 'translated' || outcome.kind === 'bypassed' ? outcome.pa : 'faults');

export const PROPERTIES: Readonly<Record<string, fc.IAsyncProperty<[unknown]>>> = {
  'data, tables and commands of a guest': fc.asyncProperty(cases, async ({ data: bytes, entries, commands: wanted, accesses }) => {
    const bench = new Bench(await connect('riscv'), 'eager');
    await nestParentWithGuest(bench, 'A', 1);
    for (const { at, raw } of entries) bench.machine.write(wordOf(GUEST.pa) + at, raw);
    const allocation = act('alloc', 'B', 1, 'nested', 0, { parent: 'A', data: { type: HWPT_DATA.RISCV_IOMMU, bytes } });
    const made = await bench.perform(allocation);
    if (made.ok) {
      await bench.does(undefined, 'attach', 1, 'B');
      for (const { kind, iova } of accesses)
        for (const { outcome } of await bench.access(1, kind, iova)) await bench.expectAccess(1, kind, iova, again(outcome));
      const count = Math.floor(wanted.length / ENTRY_BYTES);
      const invalidation = act('invalidate', 'B', {
        data: { type: INVALIDATE_DATA.RISCV_IOMMU, bytes: wanted, entries: count },
        length: ENTRY_BYTES,
      });
      const answer = await bench.perform(invalidation);
      if (!answer.ok) assert.include(DOCUMENTED.invalidation, answer.errno, say(invalidation));
    } else assert.include(DOCUMENTED.allocation, made.errno, say(allocation));
    await bench.end();
  }),
};
