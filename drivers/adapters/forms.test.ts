/** What a form lets through to a driver, and what of a driver it lets out. That reference drivers keep their rules is tested elsewhere. */
import { describe, it } from 'node:test';
import { assert } from 'chai';
import { done, ok, refuse, type DriverModule, type Started, type Surroundings } from '#drivers/contract/driver';
import { IOMMU_METHODS, type IommuDriver, type Mapping } from '#drivers/contract/iommu';
import { PLATFORM_METHODS, type Platform } from '#drivers/contract/platform';
import type { FaultEvent } from '#drivers/contract/upcalls';
import { unsupported } from '#drivers/contract/unsupported';
import { READ_WRITE, smallDriver } from '#steps/bench/small-driver';
import { promised } from './promised';
import { serialised } from './serialised';

const { manifest } = smallDriver(() => ({}), { supports: ['two-cpus'] });
const MAPPING: Mapping = { iova: 0x1000n, pa: 0x8000_0000n, size: 0x1000n, prot: READ_WRITE };

/** A platform and surroundings of objects that no process could share. */
const platform = { hyp: { secret: 1 }, read64: (pa: bigint) => pa, copyIn: () => ok(Uint8Array.of(7)) } as unknown as Platform;
const surroundings: Surroundings = {
  iommus: [{ iommu: 0, coherent: true, interrupts: [] }],
  upcalls: { reportEvent: () => done, reportPageFault: () => refuse('EOPNOTSUPP') },
};

const moduleOf = (start: (platform: Platform, surroundings: Surroundings) => unknown): DriverModule => ({
  manifest,
  start: start as DriverModule['start'],
});
const iommuOf = (methods: Partial<IommuDriver>, stop: () => unknown = () => done): DriverModule =>
  moduleOf(() => ok({ iommu: unsupported(methods), stop }));
const started = (module: DriverModule): Started => (module.start(platform, surroundings) as { readonly value: Started }).value;

describe('a serialised driver', () => {
  it('gets copies of arguments, and gives copies of answers', () => {
    const seen: unknown[] = [];
    const info = { handled: 1 };
    const { iommu } = started(
      serialised(iommuOf({ map: (_domain, mapping) => (seen.push(mapping), done), cacheInvalidate: () => ok(info) })),
    );
    void iommu!.map(1, MAPPING);
    const answer = iommu!.cacheInvalidate({ kind: 'domain', handle: 1 }, { type: 1, address: 0n, entryLength: 24, entries: 1 });
    info.handled = 2;
    assert.deepEqual(seen, [MAPPING]);
    assert.notStrictEqual(seen[0], MAPPING);
    assert.deepEqual(answer, ok({ handled: 1 }));
  });

  it('has the methods of the platform and nothing else of it', () => {
    let given: object | undefined;
    started(serialised(moduleOf((far) => ((given = far), ok({ stop: () => done })))));
    assert.includeMembers([...PLATFORM_METHODS], Object.keys(given!));
    assert.isUndefined(Reflect.get(given!, 'hyp'));
    assert.notStrictEqual(Reflect.get(given!, 'read64'), platform.read64);
  });

  it('gets copies of what the platform answers, and of what firmware says', () => {
    const seen: [Uint8Array, Surroundings][] = [];
    const module = serialised(
      moduleOf((far, { iommus, upcalls }) => {
        seen.push([(far.copyIn(0n, 1) as { readonly value: Uint8Array }).value, { iommus, upcalls }]);
        return ok({ stop: () => done });
      }),
    );
    started(module);
    const [[bytes, far]] = seen as [(typeof seen)[number]];
    assert.deepEqual([bytes, far.iommus], [Uint8Array.of(7), surroundings.iommus]);
    assert.notStrictEqual(far.iommus, surroundings.iommus);
    assert.notStrictEqual(far.upcalls, surroundings.upcalls);
  });

  it('tells its caller in text', () => {
    const heard: FaultEvent[] = [];
    const event: FaultEvent = { device: 1, pasid: 0, cause: 'translation', guest: { viommu: 1, type: 1, record: Uint8Array.of(9) } };
    const upcalls = { ...surroundings.upcalls, reportEvent: (told: FaultEvent) => (heard.push(told), done) };
    void serialised(moduleOf((_platform, far) => far.upcalls.reportEvent(event))).start(platform, { ...surroundings, upcalls });
    assert.deepEqual(heard, [event]);
    assert.notStrictEqual(heard[0], event);
  });

  it('cannot change its manifest afterwards', () => {
    const named = { ...manifest, name: 'before' };
    const far = serialised({ ...iommuOf({}), manifest: named });
    named.name = 'after';
    assert.equal(far.manifest.name, 'before');
  });

  it('shows of itself the methods of its interfaces', () => {
    const { iommu, ...rest } = started(
      serialised(moduleOf(() => ok({ iommu: { ...unsupported({}), table: {} }, stop: () => done, more: 1 }))),
    );
    assert.sameMembers(Object.keys(iommu!), [...IOMMU_METHODS]);
    assert.deepEqual(Object.keys(rest), ['stop']);
  });

  for (const [call, module] of [
    ['map', iommuOf({ map: () => ok(() => 1) as never })],
    ['stop', iommuOf({}, () => ok(new Map()))],
    ['start', moduleOf(() => ({ ok: false, errno: new Error('no') }))],
    ['read64', moduleOf((far) => (far.read64(-1n), ok({ stop: () => done })))],
  ] as const) {
    it(`cannot pass what is not plain through ${call}`, () => {
      assert.throws(
        () => {
          const { iommu, stop } = started(serialised(module));
          void iommu?.map(1, MAPPING);
          void stop();
        },
        new RegExp(`\\b${call}\\b.*cannot cross the contract$`),
      );
    });
  }

  it('answers at once where the driver does, and later where it does', async () => {
    const { iommu } = started(serialised(iommuOf({ attach: () => done, detach: () => Promise.resolve(done) })));
    assert.deepEqual(iommu!.attach(1, 1, 0), done);
    assert.instanceOf(iommu!.detach(1, 1, 0), Promise);
    assert.deepEqual(await iommu!.detach(1, 1, 0), done);
  });
});

describe('a promised driver', () => {
  it('answers later, start and stop too', async () => {
    const starting = promised(iommuOf({ attach: () => done })).start(platform, surroundings);
    assert.instanceOf(starting, Promise);
    const { iommu, stop } = ((await starting) as { readonly value: Started }).value;
    for (const answer of [iommu!.attach(1, 1, 0), stop()]) {
      assert.instanceOf(answer, Promise);
      assert.deepEqual(await answer, done);
    }
  });

  it('does not claim that it can be entered again', () => {
    assert.isFalse(promised(iommuOf({})).manifest.supports['two-cpus']);
  });
});
