/** A machine with a hypervisor, its host, and the platform port of the driver at EL2. */
import type { HardwareFactory } from '#hw-models/core/hardware';
import { Machine } from '#hw-models/core/machine';
import { Port } from '#hw-models/core/port';
import type { Mode } from '#hw-models/core/sight';
import { Host } from './host';
import { Hyp, type HypPageBytes } from './hyp';

export interface El2Config {
  readonly iommus: readonly HardwareFactory[];
  readonly mode?: Mode;
  readonly pageBytes?: HypPageBytes;
  readonly cpus?: number;
  /** False where the IOMMUs do not snoop. */
  readonly snooped?: boolean;
}

export interface El2Machine {
  readonly machine: Machine;
  readonly hyp: Hyp;
  readonly host: Host;
  readonly port: Port;
}

/** Not booted: the host is still trusted, and nothing is mapped at EL2. */
export function el2Machine({ iommus, mode = 'eager', pageBytes = 4096, cpus = 2, snooped = true }: El2Config): El2Machine {
  const machine = new Machine({ mode, cpus, storeOrder: 'weak', snooped, iommus });
  const hyp = new Hyp(machine, { pageBytes });
  const port = new Port(machine);
  port.hyp = hyp;
  return { machine, hyp, host: new Host(machine, hyp), port };
}
