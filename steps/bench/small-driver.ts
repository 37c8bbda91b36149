/** Drivers of a few lines, and scenes of a few calls. For tests. */
import type { DriverModule, Platform, Started } from '#drivers/contract/driver';
import type { IommuDriver } from '#drivers/contract/iommu';
import { CAPABILITIES, HARDWARE, PROFILES, type Capability, type Manifest } from '#drivers/contract/manifest';
import { unsupported } from '#drivers/contract/unsupported';
import { after, done, ok, type Answer } from '#hw-models/core/result';
import { Bench } from './bench';
import { judge, KEPT, type ScenarioVerdict } from './outcomes';

/** What a small driver says of itself beyond the least. */
export interface Claims extends Partial<Omit<Manifest, 'supports'>> {
  readonly supports?: readonly Capability[];
}

/** What a small driver does. */
export type Methods = Partial<IommuDriver> & { stop?(): Answer<null> };

/** A driver on toy hardware that does only what `methods` say; it answers every device. */
export function smallDriver(methods: (platform: Platform) => Methods, claims: Claims = {}): DriverModule {
  const { supports = ['paging'], ...rest } = claims;
  return {
    manifest: {
      name: 'small',
      implements: ['iommu'],
      profile: PROFILES[0],
      hardware: HARDWARE[0],
      locks: {},
      ...rest,
      supports: Object.fromEntries(CAPABILITIES.map((name) => [name, supports.includes(name)])) as Manifest['supports'],
    },
    start: (platform) => {
      const { stop = () => done, ...iommu } = methods(platform);
      return ok({ iommu: unsupported({ probeDevice: () => done, releaseDevice: () => done, ...iommu }), stop });
    },
  };
}

/** What a driver does otherwise: on the platform below it, or in what it answers. */
export interface Changes {
  port?(platform: Platform): Partial<Platform>;
  iommu?(driver: IommuDriver): Partial<IommuDriver>;
}

/** `module` with some calls made or answered otherwise. */
export function changed(module: DriverModule, { port, iommu }: Changes): DriverModule {
  const answered = (started: Started): Started => ({
    ...started,
    stop: () => started.stop(),
    ...(started.iommu !== undefined && iommu !== undefined && { iommu: over(started.iommu, iommu(started.iommu)) }),
  });
  return {
    manifest: module.manifest,
    start: (platform, surroundings) =>
      after(module.start(port === undefined ? platform : over(platform, port(platform)), surroundings), (started) =>
        started.ok ? ok(answered(started.value)) : started,
      ),
  };
}

function over<T extends object>(base: T, changes: Partial<T>): T {
  return new Proxy(base, {
    get: (on, name) => {
      const value: unknown = Reflect.get(changes, name) ?? Reflect.get(on, name);
      return typeof value === 'function' ? (value.bind(on) as unknown) : value;
    },
  });
}

/** What the suite says of a driver after a scene, as if each of its calls were a When. */
export async function verdictOf(module: DriverModule, scene: (bench: Bench) => Promise<void>): Promise<ScenarioVerdict> {
  const bench = new Bench(module, 'eager');
  bench.phase = 'when';
  try {
    await scene(bench);
    await bench.end();
    return KEPT;
  } catch (error) {
    return judge(error, bench.phase);
  }
}

/** Protection of a page that a device may read and write. */
export const READ_WRITE = { read: true, write: true, execute: false, privileged: false, coherent: true, mmio: false };
