/** The machines that drivers run on, by the hardware that a manifest names. */
import { KVM_IOMMU_OPS, type KvmIommuOps } from '#drivers/contract/hyp';
import type { Hardware } from '#drivers/contract/manifest';
import type { HardwareFactory } from '#hw-models/core/hardware';
import { Machine, type MachineConfig } from '#hw-models/core/machine';
import type { Mode } from '#hw-models/core/sight';
import { Hyp, type HypPageBytes } from '#hw-models/hyp/hyp';
import { smmuV3, type SmmuV3Config } from '#hw-models/smmu-v3/factory';
import type { Granule } from '#hw-models/smmu-v3/tables';
import { FULL as RISCV } from '#hw-models/riscv-iommu/capabilities';
import { riscvIommu } from '#hw-models/riscv-iommu/factory';
import { FULL as VTD } from '#hw-models/vtd/capabilities';
import { vtd } from '#hw-models/vtd/factory';
import { ToyIommu } from '#hw-models/toy/iommu';

/** What an IOMMU has otherwise than its default, by the names of the architecture's capabilities. */
export type Part = Readonly<Record<string, unknown>>;

/** What a scene may ask of one SMMU of a pKVM machine. */
export interface SmmuSetup {
  /** Domains that the host says it has. */
  readonly domains: number;
  readonly vmidBits: number;
  /** Bytes of its translation granule. */
  readonly granule: number;
  readonly twoLevel: boolean;
  /** Bytes from the start of a page to the root of its domain table. */
  readonly rootOffset: number;
  /** log2 of the entries of its command queue at most. */
  readonly commands: number;
}

/** What a scene may ask of a machine before the driver starts. */
export interface Setup {
  /** IOMMU instances. */
  readonly iommus: number;
  /** Whether walkers see what is in the processors' caches. */
  readonly snooped: boolean;
  /** Bytes of the hypervisor's pages. */
  readonly pageBytes: number;
  /** The hypervisor is initialised before the scene begins. */
  readonly boots: boolean;
  /** The suite is the back end, and the scene decides what it answers. */
  readonly scripted: boolean;
  /** The operations that the back end has. */
  readonly operations: readonly (keyof KvmIommuOps)[];
  /** By number, what differs from the default. */
  readonly smmus: readonly Partial<SmmuSetup>[];
  /** The same of IOMMUs of other architectures. */
  readonly parts: readonly Part[];
  /** For tests: another reach graph, such as the one that is recomputed after every event. */
  readonly reach?: MachineConfig['reach'];
}

export const DEFAULT_SETUP: Setup = {
  iommus: 1,
  snooped: true,
  pageBytes: 4096,
  boots: true,
  scripted: false,
  operations: KVM_IOMMU_OPS,
  smmus: [],
  parts: [],
};

/** What an SMMU is unless the scene says otherwise; its granule is the hypervisor's page. */
export const smmuOf = ({ smmus, pageBytes }: Setup, index: number): SmmuSetup => ({
  domains: 65_536,
  vmidBits: 16,
  granule: pageBytes,
  twoLevel: false,
  rootOffset: 0,
  commands: 19,
  ...smmus[index],
});

/** A machine, and its hypervisor where it has one. */
export interface Built {
  readonly machine: Machine;
  readonly hyp?: Hyp;
  /** The interrupts of each IOMMU; absent: software polls. */
  readonly interrupts?: readonly string[];
}

const BUILDERS: Readonly<Record<Hardware, (mode: Mode, setup: Setup) => Built>> = {
  toy: (mode, setup) => ({
    machine: machineOf(
      mode,
      setup,
      Array.from({ length: setup.iommus }, () => (bus) => new ToyIommu(bus)),
    ),
  }),
  pkvm: (mode, setup) => {
    const machine = machineOf(
      mode,
      setup,
      setup.scripted ? [] : Array.from({ length: setup.iommus }, (_none, index) => smmuV3(partOf(smmuOf(setup, index), setup.snooped))),
    );
    return { machine, hyp: new Hyp(machine, { pageBytes: setup.pageBytes as HypPageBytes }) };
  },
  riscv: (mode, setup) => ({
    machine: machineOf(
      mode,
      setup,
      Array.from({ length: setup.iommus }, (_none, index) => riscvIommu(known(RISCV, setup.parts[index]))),
    ),
  }),
  vtd: (mode, setup) => ({
    machine: machineOf(
      mode,
      setup,
      Array.from({ length: setup.iommus }, (_none, index) => vtd(known(VTD, setup.parts[index]))),
      'program',
    ),
    interrupts: ['fault', 'page-request'],
  }),
};

const GRANULES: Readonly<Record<number, Granule>> = { 4096: '4K', 16_384: '16K', 65_536: '64K' };

/** A small part has one level of 64 streams. */
const partOf = ({ vmidBits, granule, twoLevel, commands }: SmmuSetup, snooped: boolean): SmmuV3Config => ({
  COHACC: snooped,
  VMID16: vmidBits === 16,
  ST_LEVEL: twoLevel ? 'twoLevel' : 'linear',
  SIDSIZE: twoLevel ? 16 : 6,
  CMDQS: commands,
  granules: [GRANULES[granule] ?? '4K'],
});

/** Throws for what the architecture has no name for. */
function known<T extends object>(all: T, part: Part = {}): Partial<T> {
  const unknown = Object.keys(part).find((name) => !Object.hasOwn(all, name));
  if (unknown !== undefined) throw new Error(`the hardware of this driver has no capability named ${unknown}`);
  return part as Partial<T>;
}

const machineOf = (
  mode: Mode,
  { snooped, reach }: Setup,
  iommus: readonly HardwareFactory[],
  storeOrder: 'program' | 'weak' = 'weak',
): Machine => new Machine({ mode, cpus: 2, storeOrder, snooped, iommus, ...(reach !== undefined && { reach }) });

export const build = (hardware: Hardware, mode: Mode, setup: Setup): Built => BUILDERS[hardware](mode, setup);
