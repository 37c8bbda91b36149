import { describe, it } from 'node:test';
import { assert } from 'chai';
import { done, type DriverModule, type Result } from '#drivers/contract/driver';
import { NO_PASID } from '#drivers/contract/iommu';
import type { DriverUpcalls, FaultEvent, PageFault } from '#drivers/contract/upcalls';
import type { Bench } from './bench';
import { smallDriver, verdictOf } from './small-driver';

/** A driver that tells something while it frees a domain. */
function teller(tell: (upcalls: DriverUpcalls) => Result<null>, heard: Result<null>[] = []): DriverModule {
  const module = smallDriver(() => ({}));
  return {
    ...module,
    start: (platform, surroundings) =>
      smallDriver(() => ({ domainFree: () => (heard.push(tell(surroundings.upcalls)), done) })).start(platform, surroundings),
  };
}

const EVENT: FaultEvent = { device: 1, pasid: NO_PASID, cause: 'translation', iova: 0x1000n, access: 'write' };
const PAGE: PageFault = {
  device: 1,
  pasid: 5,
  group: 2,
  last: true,
  iova: 0x2000n,
  read: true,
  write: false,
  execute: false,
  privileged: false,
};
const frees = (bench: Bench): Promise<void> => bench.does(undefined, 'free', 'A');

describe('what a driver tells its caller', () => {
  it('is nothing that a scene may overlook', async () => {
    const { sanitizer, message } = await verdictOf(
      teller(({ reportEvent }) => reportEvent(EVENT)),
      frees,
    );
    assert.equal(sanitizer, 'SAN-ATTENTION');
    assert.match(message ?? '', /^nobody has looked at it: the driver reports translation at IOVA 0x1000 of d1;/);
  });

  it('is answered at once: an event is heard, a page fault has nobody to answer it', async () => {
    const heard: Result<null>[] = [];
    await verdictOf(
      teller(({ reportEvent }) => reportEvent(EVENT), heard),
      frees,
    );
    const { message } = await verdictOf(
      teller(({ reportPageFault }) => reportPageFault(PAGE), heard),
      frees,
    );
    assert.deepEqual(heard, [done, { ok: false, errno: 'EOPNOTSUPP' }]);
    assert.match(message ?? '', /a page fault at IOVA 0x2000 of d1 with PASID 5/);
  });

  it('may hold the record for a guest', async () => {
    const guest = { viommu: 3, type: 1, record: Uint8Array.of(1, 2) };
    assert.equal(
      (
        await verdictOf(
          teller(({ reportEvent }) => reportEvent({ ...EVENT, guest })),
          frees,
        )
      ).by,
      'attention',
    );
  });

  for (const [field, event] of [
    ['iova', { ...EVENT, iova: 0x1000 }],
    ['access', { ...EVENT, access: 'rw' }],
    ['pasid', { ...EVENT, pasid: undefined }],
    ['guest.record', { ...EVENT, guest: { viommu: 1, type: 1, record: [1, 2] } }],
    ['the event', 'fault'],
  ] as const) {
    it(`is a fault of the driver when ${field} is wrong, even if the driver swallows it`, async () => {
      const swallows = teller(({ reportEvent }) => {
        try {
          return reportEvent(event as never);
        } catch {
          return done;
        }
      });
      const { verdict, message } = await verdictOf(swallows, frees);
      assert.equal(verdict, 'broken');
      assert.match(message ?? '', new RegExp(`^reportEvent: ${field} is wrong`));
    });
  }
});
