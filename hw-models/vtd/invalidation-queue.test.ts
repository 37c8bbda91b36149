import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { pageOf } from '#hw-models/core/address';
import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import { LEGACY, type Capabilities } from '#hw-models/vtd/capabilities';
import { ControlScene } from '#hw-models/vtd/control-scene';
import { DescriptorWord, DevTlbInv, InvWait, PageGrpResp, PDevTlbInv } from '#hw-models/vtd/descriptors';
import { Fsts, Ics, Iectl, Iqercd, MAP, QUEUE_ERRORS } from '#hw-models/vtd/registers';
import { ccInv, iotlbInv, pcInv, pIotlbInv, wait } from '#hw-models/vtd/software';

const contexts = ccInv({ G: 'global' });
const translations = iotlbInv({ G: 'global' });
const head = (scene: ControlScene): bigint => scene.read('IQH');
const kinds = (scene: ControlScene): readonly string[] => scene.data.orders.map(({ kind }) => kind);
const error = (scene: ControlScene): number => Iqercd.of(scene.peekRegister('IQERCD')).IQEI;
const flags = (scene: ControlScene): readonly string[] =>
  (['IQE', 'ICE', 'ITE'] as const).filter((flag) => Fsts.of(scene.peekRegister('FSTS'))[flag]);
const shown = (scene: ControlScene): string =>
  Array.from({ length: scene.machine.trace.length }, (_, n) => scene.machine.trace.line(n)).join('\n');

suite('descriptors', () => {
  for (const wide of [true, false])
    test(`are executed in order, and indexes wrap: ${wide ? 256 : 128} bits`, () => {
      const scene = new ControlScene({ wide });
      for (let round = 0; round < 100; round++) scene.complete(contexts, translations);
      assert.deepEqual(kinds(scene), Array.from({ length: 100 }, () => ['cc_inv', 'iotlb_inv']).flat());
      assert.lengthOf(scene.data.waits, 100);
      assert.strictEqual(head(scene), BigInt((300 % (wide ? 128 : 256)) * (wide ? 32 : 16)));
    });

  test('are not fetched while the queue is off', () => {
    const scene = new ControlScene({ on: false });
    scene.write('IQT', 0x20n);
    assert.strictEqual(head(scene), 0n);
    assert.isEmpty([...scene.plane.buffers()]);
  });

  test('behind a wait are not fetched before it is complete, though IQH has passed it', () => {
    const scene = new ControlScene();
    scene.submit(contexts, wait(scene.status), translations);
    assert.strictEqual(head(scene), 0x40n);
    assert.deepEqual(kinds(scene), ['cc_inv']);
    scene.read('IQH');
    assert.isEmpty(scene.data.waits);
    assert.isTrue(scene.plane.invalidations.answersIn(pageOf(scene.status)));
    assert.strictEqual(scene.port.read64(scene.status), 1n);
    assert.deepEqual(kinds(scene), ['cc_inv', 'iotlb_inv']);
    assert.isFalse(scene.plane.invalidations.answersIn(pageOf(scene.status)));
  });

  test('a wait without anything to tell holds nothing up', () => {
    const scene = new ControlScene();
    scene.submit(wait(0n, { SW: false }), translations);
    assert.deepEqual(kinds(scene), ['iotlb_inv']);
    assert.isEmpty(scene.data.waits);
  });

  test('a wait that only fences is complete before what is behind it', () => {
    const scene = new ControlScene();
    scene.complete(contexts, wait(0n, { SW: false, FN: true }), translations);
    assert.deepEqual(scene.data.waits, [
      { kind: 'inv_wait', fence: true },
      { kind: 'inv_wait', status: { address: scene.status, data: 1 } },
    ]);
  });

  test('are not taken back', () => {
    const scene = new ControlScene();
    scene.submit(wait(scene.status), translations);
    assert.throws(() => scene.write('IQT', 0x20n), UnspecifiedBehaviour, /moves back/);
  });

  test('are given up when the queue is switched off', () => {
    const scene = new ControlScene();
    scene.submit(contexts, wait(scene.status));
    scene.begin({ QIE: false });
    scene.plane.advance(MAP.GSTS.at);
    assert.strictEqual(scene.port.read64(scene.status), 0n);
    assert.strictEqual(head(scene), 0n);
    scene.enableQueue();
    scene.complete(translations);
    assert.deepEqual(kinds(scene), ['cc_inv', 'iotlb_inv']);
  });

  test('are shown in the trace', () => {
    const scene = new ControlScene();
    scene.complete(
      contexts,
      ccInv({ G: 'domain', DID: 2 }),
      ccInv({ G: 'device', DID: 2, SID: 8 }),
      iotlbInv({ G: 'domain', DID: 2 }),
      iotlbInv({ G: 'page', DID: 2, ADDR: 3n, AM: 1, IH: true }),
      pIotlbInv({ G: 'pasid', DID: 2, PASID: 0 }),
      pIotlbInv({ G: 'page', DID: 2, PASID: 5, ADDR: 1n }),
      pcInv({ G: 'domain', DID: 2 }),
      pcInv({ G: 'pasid', DID: 2, PASID: 5 }),
      DevTlbInv.encode({ type: 3, SID: 8, MIP: 4, ADDR: 1n, S: true }),
      PDevTlbInv.encode({ type: 8, SID: 8, PASID: 5, MIP: 4, ADDR: 1n, G: true }),
      PageGrpResp.encode({ type: 9, RID: 8, PP: true, PASID: 5, PRGI: 7, RC: 'response-failure' }),
      wait(0n, { SW: false, FN: true, IF: true, PD: true }),
    );
    scene.submit(0n);
    for (const line of [
      'cc_inv global',
      'cc_inv domain did 0x2',
      'cc_inv device did 0x2 sid 0x8 fm 0x0',
      'iotlb_inv domain did 0x2',
      'iotlb_inv page did 0x2 address 0x2000 am 0x1 ih',
      'p_iotlb_inv pasid did 0x2 pasid 0x0',
      'p_iotlb_inv page did 0x2 pasid 0x5 address 0x1000 am 0x0',
      'pc_inv domain did 0x2',
      'pc_inv pasid did 0x2 pasid 0x5',
      'dev_tlb_inv sid 0x8 qdep 0x4 address 0x1000 size',
      'p_dev_tlb_inv sid 0x8 pasid 0x5 qdep 0x4 address 0x1000 global',
      'page_grp_resp rid 0x8 pasid 0x5 group 0x7 response-failure',
      'inv_wait interrupt fence drain',
      'descriptor 0x0, an error of its type',
    ])
      assert.match(shown(scene), new RegExp(`${line}$`, 'm'));
    assert.match(shown(scene), /inv_wait status address 0x[\d_a-f]+ data 0x1$/m);
  });

  test('the queue and what waits write to are memory in use', () => {
    const scene = new ControlScene();
    scene.submit(wait(scene.status), wait(scene.status + 4096n, { FN: true }));
    assert.deepEqual(
      [...scene.plane.buffers()],
      [
        { page: pageOf(scene.queue), frames: 1, what: 'the invalidation queue' },
        { page: pageOf(scene.status), what: 'the status of an inv_wait_dsc', message: true },
        { page: pageOf(scene.status) + 1, what: 'the status of an inv_wait_dsc', message: true },
      ],
    );
  });
});

suite('errors', () => {
  const typed = (type: number): bigint => DescriptorWord.encode({ type });
  const bad: readonly (readonly [string, bigint, keyof typeof QUEUE_ERRORS, Partial<Capabilities>?])[] = [
    ['no type', 0n, 'type'],
    ['a type of interrupt remapping', typed(4), 'type'],
    ['a type that there is not', typed(10), 'type'],
    ['a type of upper bits', contexts + DescriptorWord.encode({ type_high: 1 }), 'type'],
    ['reserved bits', contexts + 2n ** 60n, 'reserved'],
    ['reserved bits of the upper half', contexts + 2n ** 200n, 'reserved'],
    ['no granularity of contexts', ccInv({}), 'reserved'],
    ['no granularity of translations', iotlbInv({}), 'reserved'],
    ['no granularity of a PASID', pIotlbInv({}), 'reserved'],
    ['no granularity of PASID entries', typed(7) + 0x20n, 'reserved'],
    ['a device TLB where there is none', DevTlbInv.encode({ type: 3 }), 'type', { DT: false, PRS: false, PDS: false }],
    ['a page group response without page requests', PageGrpResp.encode({ type: 9 }), 'type', { PRS: false }],
    ['page requests to drain that cannot be', InvWait.encode({ type: 5, PD: true }), 'reserved', { PDS: false }],
  ];
  for (const [what, descriptor, why, part = {}] of bad)
    test(`stop the queue: ${what}`, () => {
      const scene = new ControlScene({ part });
      scene.submit(contexts, descriptor, translations);
      assert.deepEqual([head(scene), flags(scene), error(scene)], [0x20n, ['IQE'], QUEUE_ERRORS[why]]);
      assert.deepEqual(kinds(scene), ['cc_inv']);
      assert.deepEqual(scene.attention, ['FSTS.IQE with IQH at 0x20']);
    });

  test('descriptors of scalable mode have 256 bits', () => {
    const scene = new ControlScene({ wide: false });
    scene.submit(pcInv({ G: 'global' }));
    assert.deepEqual([flags(scene), error(scene)], [['IQE'], QUEUE_ERRORS.type]);
    const legacy = new ControlScene({ part: LEGACY, wide: false });
    legacy.complete(contexts, translations);
  });

  test('the descriptor is fetched again when software has cleared the error', () => {
    const scene = new ControlScene();
    scene.submit(0n);
    scene.store(scene.queue, [BigInt.asUintN(64, translations), 0n]);
    scene.write('FSTS', Fsts.encode({ IQE: true }));
    assert.deepEqual(kinds(scene), ['iotlb_inv']);
    assert.isEmpty(scene.attention);
  });

  test('of the tail', () => {
    for (const tail of [0x10n, 0x1000n]) {
      const scene = new ControlScene();
      scene.write('IQT', tail);
      assert.deepEqual([flags(scene), error(scene)], [['IQE'], QUEUE_ERRORS.tail]);
    }
  });

  test('of the fetch', () => {
    const scene = new ControlScene();
    scene.machine.memory.holes.add(pageOf(scene.queue));
    scene.submit(contexts);
    assert.deepEqual([flags(scene), error(scene)], [['IQE'], QUEUE_ERRORS.fetch]);
  });

  test('a device that does not answer: its wait is given up, and nothing is fetched until that is cleared', () => {
    const scene = new ControlScene();
    scene.data.answer = { timedOut: 0x108 };
    assert.isFalse(scene.waits(contexts));
    assert.deepEqual([flags(scene), Iqercd.of(scene.peekRegister('IQERCD')).ITESID], [['ITE'], 0x108]);
    scene.data.answer = undefined;
    scene.submit(translations);
    assert.deepEqual(kinds(scene), ['cc_inv']);
    scene.write('FSTS', Fsts.encode({ ITE: true }));
    assert.deepEqual(kinds(scene), ['cc_inv', 'iotlb_inv']);
  });

  test('a status that nothing takes', () => {
    const scene = new ControlScene();
    scene.machine.memory.holes.add(5);
    scene.submit(wait(0x5000n));
    assert.throws(() => scene.read('FSTS'), UnspecifiedBehaviour, /status write/);
  });

  test('unspecified: more pages than CAP.MAMV, or pages without CAP.PSI', () => {
    const page = iotlbInv({ G: 'page', AM: 19 });
    assert.throws(() => new ControlScene().submit(page), UnspecifiedBehaviour, /MAMV/);
    assert.throws(() => new ControlScene({ part: { PSI: false } }).submit(iotlbInv({ G: 'page' })), UnspecifiedBehaviour, /PSI/);
  });

  test('bits beyond those of a domain-id are ignored', () => {
    const scene = new ControlScene({ part: { ND: 2 } });
    scene.complete(iotlbInv({ G: 'domain', DID: 0x105 }));
    assert.deepEqual(scene.data.orders, [{ kind: 'iotlb_inv', scope: 'domain', did: 5 }]);
  });
});

suite('the completion event', () => {
  const interrupting = wait(0n, { SW: false, IF: true });

  test('is raised once until software serves it', () => {
    const scene = new ControlScene();
    scene.write('IECTL', Iectl.encode({ IM: false }));
    scene.complete(interrupting);
    assert.deepEqual(scene.interrupts(), ['invalidation']);
    scene.complete(interrupting);
    assert.isEmpty(scene.interrupts());
    scene.write('ICS', Ics.encode({ IWC: true }));
    scene.complete(interrupting);
    assert.deepEqual(scene.interrupts(), ['invalidation']);
  });

  test('is forgotten when it is served while masked', () => {
    const scene = new ControlScene();
    scene.complete(interrupting);
    scene.write('ICS', Ics.encode({ IWC: true }));
    scene.write('IECTL', Iectl.encode({ IM: false }));
    assert.isEmpty(scene.interrupts());
  });
});

suite('silence', () => {
  test('a wait is not completed until it ends', () => {
    const scene = new ControlScene();
    const silence = scene.machine.instance(0).hardware.fallsSilent!(1, 'lasting');
    scene.complete(contexts);
    assert.isFalse(silence.hasCome);
    assert.isFalse(scene.waits(contexts));
    assert.isTrue(silence.isHere);
    silence.end();
    assert.strictEqual(scene.port.read64(scene.status), 1n);
  });

  test('a late answer comes when software has given up', () => {
    const scene = new ControlScene();
    scene.machine.instance(0).hardware.fallsSilent!(0, 'late');
    assert.isFalse(scene.waits(contexts));
    scene.complete(translations);
  });
});
