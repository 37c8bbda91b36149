/** The RISC-V IOMMU: device contexts as guests hand them in, and as memory has them; Sv39 for guests; commands as entries. */
import { HW_INFO, HWPT_DATA, HWPT_RISCV_BYTES, HwInfoRiscv, HwptRiscv, INVALIDATE_DATA } from '#drivers/contract/uapi';
import { pageOf } from '#hw-models/core/address';
import type { AnyLayout } from '#hw-models/core/bits';
import { capabilities } from '#hw-models/riscv-iommu/capabilities';
import { COMMANDS, CommandWord, type CommandName } from '#hw-models/riscv-iommu/commands';
import {
  DC_WORDS,
  DcTa,
  DdtEntry,
  DEVICE_INDEX_BITS,
  Iohgatp,
  Iosatp,
  MsiAddrMask,
  MsiAddrPattern,
  Msiptp,
  Pdtp,
  Tc,
} from '#hw-models/riscv-iommu/contexts';
import { decode } from '#hw-models/riscv-iommu/device-context';
import { MAP } from '#hw-models/riscv-iommu/registers';
import { Pte, SCHEMES } from '#hw-models/riscv-iommu/tables';
import { address } from '../../literals';
import type { Bench } from '../bench';
import { NotTested } from '../outcomes';
import { littleEndian, saidOf, withField, type Context, type Origin, type System } from './system';

/** Words of a guest's device context, and where in the structure each lies. `pdtp` is the same word as `iosatp`. */
const WORDS: Readonly<Record<string, { readonly of: keyof (typeof HwptRiscv)['fields']; readonly layout: AnyLayout }>> = {
  tc: { of: 'tc', layout: Tc },
  iohgatp: { of: 'iohgatp', layout: Iohgatp },
  ta: { of: 'ta', layout: DcTa },
  iosatp: { of: 'fsc', layout: Iosatp },
  pdtp: { of: 'fsc', layout: Pdtp },
  msiptp: { of: 'msiptp', layout: Msiptp },
  msi_addr_mask: { of: 'msi_addr_mask', layout: MsiAddrMask },
  msi_addr_pattern: { of: 'msi_addr_pattern', layout: MsiAddrPattern },
};

/** A device context with an Sv39 first stage. @param tables GPA of its root. */
const contextOn = (tables: bigint): bigint =>
  HwptRiscv.encode({ tc: Tc.encode({ V: true }), fsc: Iosatp.encode({ MODE: 'Sv39', PPN: pageOf(tables) }) });

function withValue(raw: bigint, name: string, value: string): bigint {
  const [word = '', field] = name.split('.');
  if (field === undefined) return HwptRiscv.with(raw, { [word]: address(value) });
  const place = WORDS[word];
  if (place === undefined) throw new Error(`a guest's device context has no word ${word}: write one of ${Object.keys(WORDS).join(' ')}`);
  return HwptRiscv.with(raw, { [place.of]: withField(place.layout, HwptRiscv.of(raw)[place.of], field, value) });
}

/** The name of a command, then fields and values. */
function commandOf([name = '', ...fields]: readonly string[]): bigint {
  if (!Object.hasOwn(COMMANDS, name)) throw new Error(`no command is named ${name}: write one of ${Object.keys(COMMANDS).join(' ')}`);
  const { opcode, func3, layout }: { opcode: number; func3: number; layout: AnyLayout } = COMMANDS[name as CommandName];
  return fields
    .filter((field) => field !== '')
    .map((field) => field.split(' '))
    .reduce((raw, [key = '', value = '1']) => withField(layout, raw, key, value), layout.encode({ opcode, func3 }));
}

const WORDS_PER_FRAME = 512;
const LEVELS = { Off: 0, Bare: 0, '1LVL': 1, '2LVL': 2, '3LVL': 3, reserved: 0 } as const;

/** Where the device directory in memory leads for an id. A process directory has no steps yet. */
function contextOf({ machine, setup }: Bench, { iommu, id }: Origin): Context {
  const { hardware } = machine.instance(iommu);
  const { iommu_mode, PPN } = MAP.ddtp.layout.of(hardware.mmioRead(MAP.ddtp.at, 64));
  const format = capabilities(setup.parts[iommu]).MSI_FLAT ? 'extended' : 'base';
  const [first, ...above] = DEVICE_INDEX_BITS[format];
  const words = DC_WORDS[format];
  let frame = PPN;
  for (let level = LEVELS[iommu_mode] - 1; level > 0; level--) {
    const shift = first + above.slice(0, level - 1).reduce((sum, bits) => sum + bits, 0);
    const entry = DdtEntry.of(machine.memory.get(frame * WORDS_PER_FRAME + (Math.floor(id / 2 ** shift) % 2 ** above[level - 1]!)));
    if (!entry.V) throw new NotTested(`setup: the device directory leads nowhere for device_id ${id}`);
    frame = entry.PPN;
  }
  const at = frame * WORDS_PER_FRAME + (id % 2 ** first) * words;
  const { msi, ...context } = decode(Array.from({ length: words }, (_none, word) => machine.memory.get(at + word)));
  return { ...context, msiptp: msi?.msiptp };
}

export const RISCV: System = {
  snoops: false,
  // A mode that is not there is no EINVAL in Linux: RVN-ML-03.
  without: { depth: undefined, dirtyPages: {}, coherency: undefined },
  entries: { everything: ['IOTINVAL.VMA'], malformed: ['IOTINVAL.VMA', 'GV'] },
  hardwareInfo: (hardware) => {
    const capability = hardware.mmioRead(MAP.capabilities.at, 64);
    const info = HwInfoRiscv.encode({ capability, fctl: Number(hardware.mmioRead(MAP.fctl.at, 32)) });
    return { type: HW_INFO.RISCV_IOMMU, bytes: littleEndian(info, HwInfoRiscv.width / 8) };
  },
  contextOf,
  guest: {
    levels: SCHEMES.Sv39.levels,
    table: (PPN) => Pte.encode({ V: true, PPN }),
    leaf: (PPN) => Pte.encode({ V: true, R: true, W: true, X: true, U: true, A: true, D: true, PPN }),
  },
  nestedData: (tables, rows) => {
    const { data, rest } = saidOf({ type: HWPT_DATA.RISCV_IOMMU, bytes: [] }, rows);
    const raw = rest.reduce((context, [name = '', value = '']) => withValue(context, name, value), contextOn(tables));
    return { ...data, bytes: littleEndian(raw, HWPT_RISCV_BYTES.most) };
  },
  invalidation: { type: INVALIDATE_DATA.RISCV_IOMMU, length: CommandWord.width / 8 },
  entry: (cells) => littleEndian(commandOf(cells), CommandWord.width / 8),
};
