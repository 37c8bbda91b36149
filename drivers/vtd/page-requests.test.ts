import { suite, test } from 'node:test';
import { assert } from 'chai';
import { ALLOC_FAULT_ID_VALID, ALLOC_PASID, NO_PASID } from '#drivers/contract/iommu';
import type { VtdIommu } from '#hw-models/vtd/iommu';
import { alloc, answerOf, boot, commandsOf, probe, type Booted } from './boot.test';

const FLAGS = ALLOC_FAULT_ID_VALID | ALLOC_PASID;

type Asked = Parameters<VtdIommu['requestPage']>[0];

/** A device whose PASID 5 is attached to a domain that somebody answers for. */
function scene(flags = FLAGS): Booted & { readonly domain: number } {
  const booted = boot({ interrupts: ['fault', 'page-request'] });
  probe(booted, 1, { ats: true, pri: true, pasidBits: 16 });
  const domain = alloc(booted, { flags });
  assert.equal(answerOf(booted.calls.attach(1, domain, 5)), 'ok');
  return { ...booted, domain };
}

function ask({ machine }: Booted, more: Partial<Asked> = {}): unknown {
  const [requester] = machine.requestersOf(1);
  const { hardware, sight } = machine.instance(0);
  const request = { id: 1, pasid: 5, privileged: false, execute: false, read: true, write: false, last: true, group: 3, iova: 0x5000n };
  return (hardware as VtdIommu).requestPage({ ...request, ...more }, sight.configuration(requester!));
}

/** What the interrupt makes of what has come. */
const served = (booted: Booted): readonly string[] =>
  commandsOf(booted, () => {
    for (const { iommu, line } of booted.machine.interrupts.splice(0)) assert.equal(answerOf(booted.calls.irq(iommu, line)), 'ok');
  }).filter((label) => label.startsWith('page_grp_resp'));

const answer = ({ calls }: Booted, more = {}): string =>
  answerOf(calls.pageResponse({ device: 1, pasid: 5, group: 3, code: 'success', ...more }));

suite('a request for a page', () => {
  test('is told, and answered once', () => {
    const booted = scene();
    ask(booted, { last: false });
    ask(booted, { iova: 0x6000n, write: true });
    assert.deepEqual(served(booted), []);
    assert.deepEqual(
      booted.pageFaults.map(({ iova, last, write }) => [iova, last, write]),
      [
        [0x5000n, false, false],
        [0x6000n, true, true],
      ],
    );
    assert.equal(answer(booted, { group: 4 }), 'EINVAL');
    const [label, ...others] = commandsOf(booted, () => assert.equal(answer(booted), 'ok')).filter((each) => each.startsWith('page'));
    assert.match(label!, /^page_grp_resp .*success/);
    assert.deepEqual([others, answer(booted)], [[], 'EINVAL']);
    assert.deepEqual(booted.machine.attention(), []);
  });

  const rows: readonly (readonly [said: string, more: Partial<Asked>])[] = [
    ['without a PASID', { pasid: undefined }],
    ['at an address that is not canonical', { iova: 1n << 60n }],
    ['of a supervisor', { privileged: true }],
    ['to execute and to read', { execute: true }],
    ['of a PASID that is attached to nothing', { pasid: 6 }],
  ];
  for (const [said, more] of rows) {
    test(`${said} is invalid`, () => {
      const booted = scene();
      ask(booted, more);
      const [label, ...others] = served(booted);
      assert.match(label ?? '', /^page_grp_resp .*invalid/);
      assert.deepEqual([others, booted.pageFaults], [[], []]);
    });
  }

  test('that is a stop marker is nobody’s', () => {
    const booted = scene();
    ask(booted, { read: false });
    assert.deepEqual([served(booted), booted.pageFaults], [[], []]);
  });

  test('is not told where nobody answers', () => {
    const booted = scene(ALLOC_PASID);
    ask(booted);
    assert.deepEqual([served(booted).length, booted.pageFaults], [1, []]);
  });

  test('is answered when its PASID is attached no more', () => {
    const booted = scene();
    ask(booted);
    served(booted);
    ask(booted, { group: 4 });
    const labels = commandsOf(booted, () => booted.calls.detach(1, booted.domain, 5)).filter((label) => /^page|drain/.test(label));
    assert.deepEqual(
      labels.map((label) => label.split(' ')[0]),
      ['inv_wait', 'page_grp_resp', 'page_grp_resp'],
    );
    assert.deepEqual([served(booted), answer(booted), booted.pageFaults.length], [[], 'EINVAL', 1]);
  });

  test('comes from devices that can', () => {
    const booted = scene();
    probe(booted, 2, { ats: true });
    assert.equal(answerOf(booted.calls.attach(2, booted.domain, NO_PASID)), 'ENODEV');
    const without = boot();
    probe(without, 1);
    assert.equal(answerOf(without.calls.domainAlloc({ type: 'paging', device: 1, flags: ALLOC_FAULT_ID_VALID })), 'EOPNOTSUPP');
  });
});
