import { describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from '#drivers/connect';
import { after, done, ok, refuse, type DriverModule } from '#drivers/contract/driver';
import { ALLOC_DIRTY_TRACKING, ALLOC_FAULT_ID_VALID, ALLOC_NEST_PARENT, NO_PASID, type DomainSpec } from '#drivers/contract/iommu';
import { CAPABILITIES, type Capability } from '#drivers/contract/manifest';
import { exemption } from './applies';
import { smallDriver, type Methods } from './bench/small-driver';

/** Accepts whatever it is asked; nothing happens to hardware that is off. */
function accepting(): Methods {
  let next = 1;
  return {
    domainAlloc: () => ok(next++),
    domainFree: () => done,
    attach: () => done,
    detach: () => done,
    replace: () => done,
    setDirtyTracking: () => done,
    unmapPages: (_domain, iova, size) => ok({ size: 0n, gather: { start: iova, last: iova + size - 1n, handle: 1 } }),
  };
}

const refused = () => refuse('EOPNOTSUPP');
/** Refuses some domains. */
const without = (unfit: (spec: DomainSpec) => boolean): Methods => ({ domainAlloc: (spec) => (unfit(spec) ? refused() : ok(1)) });
const withoutFlag = (flag: number): Methods => without(({ flags }) => (flags & flag) !== 0);

/** For each capability that calls can show: how a driver without it answers. */
const LACKING: Readonly<Partial<Record<Capability, Methods>>> = {
  paging: without(({ type }) => type === 'paging'),
  identity: without(({ type }) => type === 'identity'),
  blocked: without(({ type }) => type === 'blocked'),
  replace: { replace: refused },
  pasid: { attach: (_device, _domain, pasid) => (pasid === NO_PASID ? done : refused()) },
  nesting: withoutFlag(ALLOC_NEST_PARENT),
  'dirty-tracking': { ...withoutFlag(ALLOC_DIRTY_TRACKING), setDirtyTracking: refused },
  'page-faults': withoutFlag(ALLOC_FAULT_ID_VALID),
  gather: { unmapPages: refused },
};

const driver = (supports: readonly Capability[], changes: Methods = {}): DriverModule =>
  smallDriver(() => ({ ...accepting(), ...changes }), { supports: [...supports] });
/** A change that nothing carries out is not hitless. */
const ALL = CAPABILITIES.filter((name) => name !== 'hitless');
const others = (capability: Capability): Capability[] => ALL.filter((name) => name !== capability);
const verdictOn = async (module: DriverModule, need: string): Promise<string> => {
  const exempt = await exemption(module, [`@needs:${need}`]);
  return exempt === undefined ? 'asked' : `${exempt.verdict}: ${exempt.message}`;
};

describe('what a driver says that it offers', () => {
  for (const [name, lacking] of Object.entries(LACKING)) {
    const capability = name as Capability;
    describe(capability, () => {
      it('is asked for when it is there', async () => {
        assert.equal(await verdictOn(driver(ALL), capability), 'asked');
      });

      it('is broken when it is refused', async () => {
        assert.match(
          await verdictOn(driver(ALL, lacking), capability),
          new RegExp(`^broken: small says that it offers ${capability}, but .*\\(.*\\) was refused with EOPNOTSUPP$`),
        );
      });

      // Every profile that the small driver may claim takes paging for granted.
      if (capability === 'paging') return;

      it('does not concern the driver when it says so and it is so', async () => {
        assert.equal(
          await verdictOn(driver(others(capability), lacking), capability),
          `not-applicable: small does not offer ${capability}`,
        );
      });

      it('is held to when it is there all the same', async () => {
        assert.match(
          await verdictOn(driver(others(capability)), capability),
          new RegExp(`^broken: small says that it does not offer ${capability}, but it accepts .*\\(.*\\)$`),
        );
      });
    });
  }

  it('is broken when its profile takes it for granted', async () => {
    const says = 'broken: small says that it does not offer paging, which its profile toy takes for granted';
    assert.equal(await verdictOn(driver(others('paging')), 'paging'), says);
    assert.equal(await verdictOn(driver(others('paging'), LACKING.paging), 'paging'), says);
  });

  it('is asked of a device that can do it', async () => {
    const timid = driver(
      CAPABILITIES.filter((name) => name !== 'pasid'),
      {
        probeDevice: ({ pasidBits }) => (pasidBits > 0 ? done : refuse('ENODEV')),
      },
    );
    assert.match(await verdictOn(timid, 'pasid'), /^broken: small says that it does not offer pasid/);
  });

  it('is left open when the driver cannot be asked', async () => {
    const crashes = { domainAlloc: () => assert.fail('crashed') };
    assert.equal(await verdictOn(driver(ALL, crashes), 'identity'), 'asked');
    assert.equal(await verdictOn(driver(others('identity'), crashes), 'identity'), 'not-applicable: small does not offer identity');
  });

  it('includes the interfaces that start answers with', async () => {
    const toy = driver(ALL);
    const cacheInvalidate = { cacheInvalidate: () => ok({ handled: 1 }) };
    const more: DriverModule = {
      ...toy,
      start: (...given) => after(toy.start(...given), (started) => (started.ok ? ok({ ...started.value, cacheInvalidate }) : started)),
    };
    assert.equal(await verdictOn(toy, 'cache-invalidate'), 'not-applicable: small does not offer cache-invalidate');
    assert.equal(
      await verdictOn(more, 'cache-invalidate'),
      'broken: small says that it does not offer cache-invalidate, but start answers with it',
    );
  });

  it('includes the table in memory', async () => {
    const pkvm = await connect('pkvm');
    const modest = { ...pkvm, manifest: { ...pkvm.manifest, supports: { ...pkvm.manifest.supports, 'domain-table': false } } };
    assert.equal(await verdictOn(pkvm, 'domain-table'), 'asked');
    assert.equal(
      await verdictOn(modest, 'domain-table'),
      'broken: pkvm says that it does not offer domain-table, but its descriptors lie there',
    );
    const early = { ...modest, manifest: { ...modest.manifest, profile: 'pkvm-rfc' as const } };
    assert.match(await verdictOn(early, 'domain-table'), /, which its profile pkvm-rfc takes for granted$/);
  });
});
