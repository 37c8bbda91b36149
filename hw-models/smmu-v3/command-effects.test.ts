import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import type { Capabilities } from '#hw-models/smmu-v3/capabilities';
import { AtcInv, CfgiSte, Command, COMMANDS, PriResp, Sync, TlbiS2Ipa, type CommandName } from '#hw-models/smmu-v3/commands';
import { Gerror } from '#hw-models/smmu-v3/registers';
import { cfgiSte, Scene, SYNC, tlbiIpa } from '#hw-models/smmu-v3/scene';

const plain = (name: CommandName): bigint => Command.encode({ opcode: COMMANDS[name].opcode });

suite('legality', () => {
  const legal = (raw: bigint, part: Partial<Capabilities> = {}): boolean => {
    const scene = new Scene({ part });
    scene.submit(raw);
    return !Gerror.of(scene.read('GERROR')).CMDQ_ERR;
  };

  test('every command exists where its feature does', () => {
    const everywhere: readonly CommandName[] = [
      'CMD_PREFETCH_CONFIG',
      'CMD_PREFETCH_ADDR',
      'CMD_CFGI_STE',
      'CMD_CFGI_STE_RANGE',
      'CMD_TLBI_NSNH_ALL',
      'CMD_SYNC',
    ];
    const stage1: readonly CommandName[] = [
      'CMD_CFGI_CD',
      'CMD_CFGI_CD_ALL',
      'CMD_TLBI_NH_ALL',
      'CMD_TLBI_NH_ASID',
      'CMD_TLBI_NH_VA',
      'CMD_TLBI_NH_VAA',
    ];
    const stage2: readonly CommandName[] = ['CMD_TLBI_S12_VMALL', 'CMD_TLBI_S2_IPA'];
    const el2: readonly CommandName[] = ['CMD_TLBI_EL2_ALL', 'CMD_TLBI_EL2_ASID', 'CMD_TLBI_EL2_VA', 'CMD_TLBI_EL2_VAA'];
    const stalls: readonly CommandName[] = ['CMD_RESUME', 'CMD_STALL_TERM'];
    const onBoth: readonly CommandName[] = [...everywhere, ...stage1, ...stage2, ...el2];
    const only2 = { S1P: false, Hyp: false } as const;
    const only1 = { S2P: false, Hyp: false } as const;
    for (const name of Object.keys(COMMANDS) as CommandName[]) {
      const raw = plain(name);
      assert.strictEqual(legal(raw), onBoth.includes(name), name);
      assert.strictEqual(legal(raw, only2), [...everywhere, ...stage2].includes(name), `${name} with stage 2 only`);
      assert.strictEqual(legal(raw, only1), [...everywhere, ...stage1].includes(name), `${name} with stage 1 only`);
      assert.strictEqual(legal(raw, { STALL_MODEL: 'stallOrTerminate' }), [...onBoth, ...stalls].includes(name), `${name} with stalls`);
    }
  });

  test('opcodes without a command are illegal', () => {
    for (const opcode of [0x00, 0x08, 0x14, 0x2f, 0x7f, 0x80, 0xff]) assert.isFalse(legal(Command.encode({ opcode })), String(opcode));
  });

  test('what denies ATS and PRI has priority over the parameters', () => {
    assert.isFalse(legal(AtcInv.encode({ opcode: 0x40, StreamID: 1 })));
    assert.isFalse(legal(PriResp.encode({ opcode: 0x41, Resp: 'Success' })));
  });

  test('reserved bits, Secure streams and the reserved signal are illegal', () => {
    assert.isFalse(legal(cfgiSte(1) | (1n << 100n)));
    assert.isFalse(legal(CfgiSte.encode({ opcode: 3, SSec: true })));
    assert.isFalse(legal(SYNC | Sync.mask('CS')));
  });

  test('a range names a granule and says something', () => {
    assert.isTrue(legal(tlbiIpa({ TG: '4K', TTL: 3 })));
    assert.isTrue(legal(tlbiIpa({ TG: '64K', NUM: 1 })));
    assert.isFalse(legal(tlbiIpa({ TG: '4K' })));
    assert.isFalse(legal(tlbiIpa({ TG: '16K', TTL: 1 })));
    assert.isTrue(legal(tlbiIpa({ TG: '16K', TTL: 1, SCALE: 1 })));
    assert.isFalse(legal(tlbiIpa({ TTL: 3 })));
    assert.isFalse(legal(tlbiIpa({ NUM: 1 })));
    assert.isFalse(legal(tlbiIpa({ SCALE: 1 })));
    assert.isFalse(legal(tlbiIpa({ TTL128: true })));
    assert.isFalse(legal(tlbiIpa({ TG: '4K', NUM: 1, SCALE: 32 })));
    assert.isFalse(legal(tlbiIpa({ TG: '4K', TTL: 3 }), { ArchMinorRev: 1, RIL: false }));
    assert.isTrue(legal(TlbiS2Ipa.encode({ opcode: 0x2a }), { ArchMinorRev: 1, RIL: false }));
  });
});
