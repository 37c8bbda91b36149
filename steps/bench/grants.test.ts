import { describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from '#drivers/connect';
import type { DriverModule } from '#drivers/contract/driver';
import type { DeviceDescription, IommuDriver, Mapping, ReservedRegion } from '#drivers/contract/iommu';
import { Violation, type Check } from '#hw-models/core/reach/violation';
import { after, done, ok, refuse } from '#hw-models/core/result';
import { cfgiSte, Scene } from '#hw-models/smmu-v3/scene';
import type { Bench } from './bench';
import { Grants } from './grants';
import { changed, READ_WRITE, verdictOf } from './small-driver';

const PAGE = 0x1000n;
const WHERE = { iova: PAGE, size: PAGE };
const TWO = { iova: PAGE, size: 2n * PAGE };
const PA = 0x8000_0000n;

async function attached(bench: Bench, where = WHERE): Promise<void> {
  await bench.does(undefined, 'alloc', 'A', 1, 'paging');
  await bench.does(undefined, 'map', 'A', where, PA, READ_WRITE);
  await bench.does(undefined, 'attach', 1, 'A');
}

async function kept(module: DriverModule, scene: (bench: Bench) => Promise<void>): Promise<void> {
  const { verdict, sanitizer, message } = await verdictOf(module, scene);
  assert.deepEqual([verdict, sanitizer], ['kept', undefined], message);
}

async function found(check: Check, module: DriverModule, scene: (bench: Bench) => Promise<void>): Promise<string> {
  const { verdict, by, message = '' } = await verdictOf(module, scene);
  assert.deepEqual([verdict, by], ['broken', check], message);
  return message;
}

describe('regions that firmware names', () => {
  const FIRST = 0x10_0000n;
  const region = (kind: ReservedRegion['kind'], length = PAGE): ReservedRegion => ({ start: FIRST, length, kind });

  /** The toy, which maps `mapping` into each domain before a device is attached to it. */
  const mapping = async (mapped: Pick<Mapping, 'iova' | 'pa' | 'size'>): Promise<DriverModule> =>
    changed(await connect('toy'), {
      iommu: (toy) => ({
        attach: (device, domain, pasid) =>
          after(toy.map(domain, { ...mapped, prot: READ_WRITE }), (answer) => (answer.ok ? toy.attach(device, domain, pasid) : answer)),
      }),
    });
  const scene =
    (...reserved: readonly ReservedRegion[]) =>
    async (bench: Bench): Promise<void> => {
      await bench.device(1, { reserved });
      await attached(bench);
    };
  const identity = { iova: FIRST, pa: FIRST, size: PAGE };

  for (const kind of ['direct', 'direct-relaxable', 'msi'] as const) {
    it(`may be reached as they are: ${kind}`, async () => {
      await kept(await mapping(identity), scene(region(kind)));
    });
  }

  it('may be reached by their own device only, and only as they are', async () => {
    const shifted = { ...identity, pa: FIRST + PAGE };
    assert.match(
      await found('isolation', await mapping(shifted), scene(region('direct', 2n * PAGE))),
      /d1 reaches PA 0x10_1000 .* at IOVA 0x10_0000/,
    );
    assert.match(await found('isolation', await mapping({ ...identity, size: 2n * PAGE }), scene(region('direct'))), /at IOVA 0x10_1000/);
    await found('isolation', await mapping(identity), async (bench) => {
      await bench.device(2, { reserved: [region('direct')] });
      await attached(bench);
    });
  });

  it('are no grants where devices must not go, and where a caller maps what they are for', async () => {
    for (const kind of ['reserved', 'sw-msi'] as const) await found('isolation', await mapping(identity), scene(region(kind)));
  });

  it('stay mapped for a driver when a caller wants the place and is refused', async () => {
    await kept(await mapping(identity), async (bench) => {
      await scene(region('direct'))(bench);
      await bench.does('EEXIST', 'map', 'A', { iova: FIRST, size: PAGE }, PA, READ_WRITE);
    });
  });
});

describe('an identity domain', () => {
  const BYPASS = { V: true, Config: 'bypass', SHCFG: 'incoming' } as const;

  it('lets its devices pass while they are attached to it, and no others', () => {
    const scene = new Scene({ ids: [3, 4] });
    const grants = new Grants(scene.machine);
    grants.create('I', { identity: true });
    grants.attach([0], 'I').kept();
    scene.machine.arm();
    scene.install(3, BYPASS);
    assert.throws(() => scene.install(4, BYPASS), Violation, /d1 may pass untranslated \(bypass\), which its domain does not grant/);
  });

  it('lets nothing pass when a detach has answered', () => {
    const scene = new Scene({ ids: [3] });
    const grants = new Grants(scene.machine);
    grants.create('I', { identity: true });
    grants.attach([0], 'I').kept();
    scene.machine.arm();
    scene.install(3, BYPASS);
    const detached = grants.detach([0]);
    scene.port.write64(scene.entryOf(3), 0n);
    scene.port.barrier();
    assert.throws(() => detached.kept(), Violation, /may pass untranslated/, 'the configuration is cached');
    scene.complete(cfgiSte(3));
    assert.doesNotThrow(() => detached.kept());
  });

  it('may be made of tables that change no address', () => {
    const grants = new Grants(new Scene().machine);
    grants.create('I', { identity: true });
    grants.attach([0], 'I').kept();
    assert.isTrue(grants.granted(0, 0x8_0000, 0x8_0000, 512, 3));
    assert.isFalse(grants.granted(0, 0x8_0000, 0x8_0001, 1, 3));
  });
});

describe('devices that the hardware cannot tell apart', () => {
  const place = (ids: readonly number[], group: number): Partial<DeviceDescription> => ({ ids, group });

  it('share their grants within a group, in whatever order they appear', async () => {
    await kept(await connect('toy'), async (bench) => {
      await bench.device(1, place([5], 7));
      await bench.device(2, place([5], 7));
      await attached(bench);
      await bench.expectAccess({ device: 2 }, 'read', WHERE.iova, PA);
      await bench.device(3, place([5], 7));
      await bench.expectAccess({ device: 3 }, 'read', WHERE.iova, PA);
      await bench.does(undefined, 'unmap', 'A', WHERE);
    });
  });

  it('lose them together', async () => {
    const careless = changed(await connect('toy'), { iommu: () => ({ detach: () => done }) });
    await found('staleness', careless, async (bench) => {
      await bench.device(1, place([5], 7));
      await bench.device(2, place([5], 7));
      await attached(bench);
      await bench.does(undefined, 'detach', 1, 'A');
    });
  });

  it('share nothing when they are told apart, or are of different groups', async () => {
    for (const other of [place([6], 7), place([5], 8)]) {
      const { by, message } = await verdictOf(await connect('toy'), async (bench) => {
        await bench.device(1, place([5], 7));
        await bench.device(2, other);
        await attached(bench);
        await bench.expectAccess({ device: 2 }, 'read', WHERE.iova, PA);
      });
      assert.equal(by, other.ids?.[0] === 5 ? 'isolation' : 'step', message);
    }
  });
});

describe('what ends when a call answers', () => {
  it('is all that a freed domain granted, though devices were attached to it', async () => {
    const late = changed(await connect('toy'), {
      iommu: (toy) => ({
        domainFree: (domain) => after(toy.domainFree(domain), (answer) => (answer.ok || answer.errno === 'EBUSY' ? done : answer)),
      }),
    });
    const message = await found('staleness', late, async (bench) => {
      await attached(bench);
      await bench.does(undefined, 'free', 'A');
    });
    assert.match(message, /^d1 reaches PA 0x8000_0000 .*, which it is not granted/);
  });

  it('is what a device had before a detach, and not what another call gave it meanwhile', async () => {
    await kept(await connect('toy'), async (bench) => {
      await attached(bench);
      await bench.does(undefined, 'alloc', 'B', 1, 'paging');
      await bench.does(undefined, 'map', 'B', WHERE, PA, READ_WRITE);
      const requesters = bench.machine.requestersOf(1);
      const detached = bench.grants.detach(requesters);
      await bench.does(undefined, 'detach', 1, 'A');
      await bench.does(undefined, 'attach', 1, 'B');
      detached.kept();
    });
  });
});

describe('an unmap that says how much it did', () => {
  const unmapping = async (unmap: (toy: IommuDriver) => IommuDriver['unmap']): Promise<DriverModule> =>
    changed(await connect('toy'), { iommu: (toy) => ({ unmap: unmap(toy) }) });
  const scene = async (bench: Bench): Promise<void> => {
    await attached(bench, TWO);
    await bench.does(undefined, 'unmap', 'A', TWO);
  };

  it('may stop half way: the rest is granted and there', async () => {
    await kept(await unmapping((toy) => (domain, iova) => toy.unmap(domain, iova, PAGE)), scene);
  });

  it('is found when it did more than it says', async () => {
    const silent = unmapping(
      (toy) => (domain, iova, size) => after(toy.unmap(domain, iova, size), (answer) => (answer.ok ? ok(PAGE) : answer)),
    );
    assert.include(
      await found('all-or-nothing', await silent, scene),
      'unmap(A, 0x1000 + 0x2000) stopped before that, but iova_to_phys of 0x2000 in A is nothing, not PA 0x8000_1000',
    );
  });

  it('is found when it did less than it says', async () => {
    await found('staleness', await unmapping((toy) => (domain, iova) => after(toy.unmap(domain, iova, PAGE), () => ok(2n * PAGE))), scene);
  });

  it('is found when it says that it did what was not there to do', async () => {
    const boastful = unmapping(
      (toy) => (domain, iova, size) => after(toy.unmap(domain, iova, size), (answer) => (answer.ok ? ok(size) : answer)),
    );
    const message = await found('all-or-nothing', await boastful, async (bench) => {
      await attached(bench);
      await bench.does(undefined, 'unmap', 'A', TWO);
    });
    assert.include(message, 'unmap in A answered that it unmapped 2 frames, of which 1 were mapped');
  });

  it('is garbage when that is no part of what it was asked for', async () => {
    for (const said of [1n, 3n * PAGE, 1n << 63n]) {
      const { by, message } = await verdictOf(await unmapping(() => () => ok(said)), scene);
      assert.equal(by, 'step', message);
      assert.equal(message, `unmap of 2 frames answered that it was done for ${said} bytes`);
    }
  });
});

describe('a gather', () => {
  /** Unmaps at the sync only, and `part` of what it was asked for. */
  const gathering = async (part = 1n): Promise<DriverModule> =>
    changed(await connect('toy'), {
      iommu: (toy) => {
        const waiting = new Map<number, () => ReturnType<IommuDriver['unmap']>>();
        return {
          unmapPages: (domain, iova, asked) => {
            const handle = waiting.size + 1;
            const size = asked / part;
            waiting.set(handle, () => toy.unmap(domain, iova, size));
            return ok({ size, gather: { start: iova, last: iova + size - 1n, handle } });
          },
          iotlbSync: (_domain, { handle }) => after(waiting.get(handle)?.() ?? refuse('EINVAL'), (answer) => (answer.ok ? done : answer)),
        };
      },
    });

  it('leaves its pages granted until its own sync, however many wait', async () => {
    await kept(await gathering(), async (bench) => {
      await attached(bench, TWO);
      await bench.does(undefined, 'unmapPages', 'A', WHERE);
      await bench.does(undefined, 'unmapPages', 'A', { iova: 2n * PAGE, size: PAGE });
      await bench.does(undefined, 'sync', 'A');
      await bench.expectAccess({ device: 1 }, 'read', 2n * PAGE, PA + PAGE);
      await bench.does(undefined, 'sync', 'A');
    });
  });

  it('is found when a sync leaves some of it', async () => {
    const once = changed(await gathering(), {
      iommu: (toy) => ({ iotlbSync: (domain, one) => (one.handle > 1 ? done : toy.iotlbSync(domain, one)) }),
    });
    await found('staleness', once, async (bench) => {
      await attached(bench, TWO);
      await bench.does(undefined, 'unmapPages', 'A', WHERE);
      await bench.does(undefined, 'unmapPages', 'A', { iova: 2n * PAGE, size: PAGE });
      await bench.does(undefined, 'sync', 'A');
      await bench.does(undefined, 'sync', 'A');
    });
  });

  it('may be of a part: the rest is granted', async () => {
    await kept(await gathering(2n), async (bench) => {
      await attached(bench, TWO);
      await bench.does(undefined, 'unmapPages', 'A', TWO);
      await bench.does(undefined, 'sync', 'A');
    });
  });
});
