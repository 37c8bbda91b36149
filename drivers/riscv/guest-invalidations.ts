/**
 * Commands of a guest, carried out on what is the guest's: they name no GSCID, and the PSCID that they name is not the one that its
 * translations are tagged with, unless it has a process directory.
 */
import { ok, refuse, type Errno, type Platform, type Result } from '#drivers/contract/driver';
import type { Invalidated, InvalidationArray } from '#drivers/contract/iommu';
import { INVALIDATE_DATA } from '#drivers/contract/uapi';
import { COMMANDS, CommandWord, Iofence, Iotinval } from '#hw-models/riscv-iommu/commands';
import { atsIdsOf } from './bonds';
import { atsInval, vma } from './commands';
import { numberOf } from './guest-context';
import type { NestedDomain } from './nested-domain';

const PAGE = 4096n;

/** `EOPNOTSUPP`: no such type of entry. `EINVAL`: no such length. `EFAULT`: the first entry cannot be read. */
export function invalidate(platform: Platform, domain: NestedDomain, array: InvalidationArray): Result<Invalidated> {
  if (array.type !== INVALIDATE_DATA.RISCV_IOMMU) return refuse('EOPNOTSUPP');
  // Somebody asks whether the type is known.
  if (array.entries === 0) return ok({ handled: 0 });
  if (array.entryLength !== CommandWord.width / 8) return refuse('EINVAL');
  const { commands, handled, errno } = collect(platform, domain, array);
  if (handled === 0 && errno === 'EFAULT') return refuse(errno);
  const issued = carryOut(domain, commands);
  if (!issued.ok) return ok({ handled: 0, errno: issued.errno });
  return ok({ handled, ...(errno && { errno }) });
}

/** What entries ask for, as far as they can be understood. */
interface Collected {
  readonly commands: readonly bigint[];
  readonly handled: number;
  readonly errno?: Errno;
}

function collect(platform: Platform, domain: NestedDomain, { address, entryLength, entries }: InvalidationArray): Collected {
  const commands: bigint[] = [];
  for (let handled = 0; handled < entries; handled++) {
    const copied = platform.copyIn(address + BigInt(handled * entryLength), entryLength);
    const meant = copied.ok ? translate(domain, numberOf(copied.value)) : copied;
    if (!meant.ok) return { commands, handled, errno: meant.errno };
    commands.push(...meant.value);
  }
  return { commands, handled: entries };
}

/** `EOPNOTSUPP`: a command that is not carried out for guests. `EINVAL`: none at all. */
function translate(domain: NestedDomain, raw: bigint): Result<readonly bigint[]> {
  const { opcode, func3 } = CommandWord.of(raw);
  const found = TRANSLATORS.find(({ name }) => COMMANDS[name].opcode === opcode && COMMANDS[name].func3 === func3);
  if (found === undefined) return refuse('EOPNOTSUPP');
  return COMMANDS[found.name].layout.hasReserved(raw) ? refuse('EINVAL') : found.translate(domain, raw);
}

interface Translator {
  readonly name: keyof typeof COMMANDS;
  readonly translate: (domain: NestedDomain, raw: bigint) => Result<readonly bigint[]>;
}

const TRANSLATORS: readonly Translator[] = [
  {
    name: 'IOTINVAL.VMA',
    translate: (domain, raw) => {
      const { GV, PSCV, PSCID, AV, ADDR } = Iotinval.of(raw);
      return GV ? refuse('EINVAL') : ok([vma(domain.tagFor(PSCV ? PSCID : undefined), AV ? ADDR * PAGE : undefined)]);
    },
  },
  {
    // Everything is complete when the call answers: nothing is left to wait for.
    name: 'IOFENCE.C',
    translate: (_domain, raw) => (Iofence.of(raw).AV || Iofence.of(raw).WSI ? refuse('EOPNOTSUPP') : ok([])),
  },
];

/** On each IOMMU that the domain is used on, and then on the devices that keep translations, which the guest does not reach. */
function carryOut({ bonds }: NestedDomain, commands: readonly bigint[]): Result<null> {
  for (const iommu of commands.length === 0 ? [] : bonds.iommus) {
    const issued = iommu.invalidations.issue(commands, atsIdsOf(bonds.on(iommu)).map(atsInval));
    if (!issued.ok) return issued;
  }
  return ok(null);
}
