/** What users of the RISC-V IOMMU hand in: device contexts, tables of any scheme, commands. */
import * as fc from 'fast-check';
import { HWPT_RISCV_BYTES, HwptRiscv } from '#drivers/contract/uapi';
import { fromWords } from '#hw-models/core/bits';
import { COMMANDS, CommandWord } from '#hw-models/riscv-iommu/commands';
import { Iosatp, Pdtp, Tc } from '#hw-models/riscv-iommu/contexts';
import { Pte } from '#hw-models/riscv-iommu/tables';
import { RISCV } from '#steps/bench/systems/riscv';
import type { Users } from './user-data';
import { frame, often, rarely, root, weighted, word } from './user-data-random';

const contexts = fc
  .record({
    V: often,
    PDTV: rarely,
    DPE: rarely,
    SADE: fc.boolean(),
    first: fc.constantFrom('Bare', 'Sv39', 'Sv39', 'Sv48', 'Sv57'),
    directory: fc.constantFrom('Bare', 'PD8', 'PD17', 'PD20'),
    PPN: root,
  })
  .map(({ first, directory, PPN, ...tc }) =>
    HwptRiscv.encode({
      tc: Tc.encode(tc),
      fsc: tc.PDTV ? Pdtp.encode({ MODE: directory, PPN }) : Iosatp.encode({ MODE: first, PPN }),
    }),
  );

export const RISCV_USERS: Users = {
  driver: 'riscv',
  system: RISCV,
  refusals: { alloc: ['EINVAL', 'EOPNOTSUPP'], attach: [], invalidate: ['EINVAL', 'EOPNOTSUPP', 'EFAULT'] },
  dataBytes: HWPT_RISCV_BYTES,
  entry: ['IOTINVAL.VMA', 'AV 1', 'ADDR 0x1'],
  random: {
    parts: fc.constant({}),
    data: weighted(
      [1, fc.record({ tc: word, iohgatp: word, ta: word, fsc: word, msiptp: word }).map((words) => HwptRiscv.encode(words))],
      [4, contexts],
    ),
    tables: fc
      .record({ V: often, R: fc.boolean(), W: fc.boolean(), X: fc.boolean(), U: often, A: fc.boolean(), PPN: frame })
      .map((pte) => Pte.encode(pte)),
    entries: fc
      .tuple(fc.constantFrom(...Object.values(COMMANDS)), word, word)
      .map(([{ opcode, func3 }, low, high]) => CommandWord.with(fromWords([low, high]), { opcode, func3 })),
  },
};
