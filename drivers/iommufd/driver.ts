/**
 * A reference /dev/iommu above any driver: what Linux documents of it, in this order of checks and with these refusals. Begin with
 * `commands.ts`, which says what carries out which ioctl, and `frame.ts`, which every ioctl comes through; `objects.ts` are the objects,
 * `ioas.ts`, `hwpt.ts` and `bound-device.ts` the three that matter, `attach.ts` how they come together.
 *
 * Calls come one after another. Left out: mappings of files, and the ioctls of VFIO on the same file.
 */
import { ok, refuse, type DriverModule, type Platform, type Result, type Started, type Surroundings } from '#drivers/contract/driver';
import type { Manifest } from '#drivers/contract/manifest';
import type { Context, Kernel } from './context';
import { Core } from './core';
import { Files } from './files';
import { ProbedDevices } from './probed-devices';
import { Upcalls } from './upcalls';
import { UserMemory, withUsers } from './user-memory';

export interface Options {
  /** Refuse what Linux lets pass and should not. */
  readonly hardened?: boolean;
}

/** @param below Implements `IommuDriver`. */
export const iommufdOver = (below: DriverModule, { hardened = true }: Options = {}): DriverModule => ({
  ...below,
  manifest: manifestOver(below.manifest),
  start: (platform, surroundings) => start(below, hardened, platform, surroundings),
});

/** Calls wait for those of the driver below, so that no other comes between. */
const manifestOver = (below: Manifest): Manifest => ({
  ...below,
  name: `iommufd-${below.name}`,
  implements: ['iommufd'],
  profile: 'iommufd',
  supports: { ...below.supports, 'two-cpus': false },
});

async function start(below: DriverModule, hardened: boolean, platform: Platform, surroundings: Surroundings): Promise<Result<Started>> {
  const users = new UserMemory(platform);
  const shared = withUsers(platform, users);
  const made: { kernel?: Kernel; core?: Core } = {};
  const contexts = (): Iterable<Context> => made.core?.contexts ?? [];
  const upcalls = new Upcalls(surroundings.upcalls, () => made.kernel!, contexts);
  const started = await below.start(shared, { ...surroundings, upcalls });
  if (!started.ok) return started;
  const { iommu } = started.value;
  if (iommu === undefined) return refuse('ENODEV');
  const devices = new ProbedDevices(iommu);
  const driver = surroundings.watched?.(devices.driver) ?? devices.driver;
  const { supports } = below.manifest;
  made.kernel = { platform: shared, driver, users, devices, files: new Files(), supports, hardened, owners: new Map() };
  const core = new Core(made.kernel);
  made.core = core;
  const stop = async (): Promise<Result<null>> => {
    await core.stop();
    return started.value.stop();
  };
  return ok({ iommufd: core, stop });
}
