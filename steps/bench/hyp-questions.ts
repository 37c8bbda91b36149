/** What a scene can see of a hypervisor's memory, mappings and back end: each answer is a text that a step compares. */
import { hex } from '#hw-models/core/hex';
import type { HostAccess } from '#hw-models/hyp/host';
import { rootBytes } from '#hw-models/hyp/layouts';
import type { HypScene } from './hyp-scene';

type Question = (scene: HypScene, ...args: number[]) => string;

const OWNERS: Readonly<Record<string, string>> = {
  'OWNED NOPAGE': 'host',
  'NOPAGE OWNED': 'hypervisor',
  'SHARED_OWNED SHARED_BORROWED': 'host, shared with the hypervisor',
  'SHARED_BORROWED SHARED_OWNED': 'hypervisor, shared with the host',
};

function ownerOf({ hyp }: HypScene, pa: bigint): string {
  const page = hyp.pfnOf(pa);
  const states = `${hyp.ownership.stateOf(page, 'host')} ${hyp.ownership.stateOf(page, 'hyp')}`;
  return OWNERS[states] ?? states;
}

const shown = ({ kind }: HostAccess): string => (kind === 'abort' ? 'aborted' : 'accepted');

/** Physical address of a leaf; page 0, which nobody has, when it is missing. */
const leaf = ({ host }: HypScene, root: bigint, domain: number): bigint => host.leafOf(root, domain) ?? 0n;

export const QUESTIONS: Readonly<Record<string, Question>> = {
  'memcache pages of CPU': ({ host }, cpu = 0) => `${host.memcache(cpu).pages}`,
  'page needed by CPU': ({ host }, cpu = 0) => (host.memcache(cpu).needsPage ? 'yes' : 'no'),
  'references of domain': (scene, smmu = 0, domain = 0) => `${scene.host.descriptor(scene.rootOf(smmu), domain)?.refs ?? 0}`,
  'root of domain': (scene, smmu = 0, domain = 0) => hex(scene.host.descriptor(scene.rootOf(smmu), domain)?.pgd ?? 0n),
  'leaf of domain': (scene, smmu = 0, domain = 0) => (scene.host.leafOf(scene.rootOf(smmu), domain) === undefined ? 'none' : 'there'),
  'owner of the leaf of domain': (scene, smmu = 0, domain = 0) => ownerOf(scene, leaf(scene, scene.rootOf(smmu), domain)),
  'host reading the leaf of domain': (scene, smmu = 0, domain = 0) => shown(scene.host.read64(leaf(scene, scene.rootOf(smmu), domain))),
  'host writing the leaf of domain': (scene, smmu = 0, domain = 0) =>
    shown(scene.host.write64(leaf(scene, scene.rootOf(smmu), domain), 0n)),
  'host writing the memcache of CPU': (scene, cpu = 0) =>
    shown(scene.host.write64(scene.host.memcacheAt(cpu), scene.host.memcache(cpu).head)),
  'host donating the memcaches': ({ hyp, host }) => {
    const donated = hyp.hostDonateHyp(hyp.pfnOf(host.memcacheAt(0)), 1);
    return donated.ok ? 'accepted' : `refused with ${donated.errno}`;
  },
  'owner of the memcaches': (scene) => ownerOf(scene, scene.host.memcacheAt(0)),
  'owner of the page that was offered': (scene) => ownerOf(scene, scene.offered),
  'bytes mapped of the root of SMMU': (scene, smmu = 0) => {
    const root = scene.hyp.kernHypVa(scene.rootOf(smmu));
    return `${scene.hyp.mappings.filter(({ from, errno }) => from === root && errno === undefined).reduce((bytes, { from, to }) => bytes + (to - from), 0n)}`;
  },
  'mappings of the hypervisor': ({ hyp }) => {
    const made = hyp.mappings.filter(({ errno }) => errno === undefined);
    return made.length === 0 ? 'none' : made.map(({ from, to }) => `[${hex(from)}, ${hex(to)})`).join(', ');
  },
  'words written beyond the root of SMMU': (scene, smmu = 0) => {
    const root = scene.hyp.kernelPhys(scene.rootOf(smmu))!;
    const changed: string[] = [];
    for (let at = rootBytes(scene.setup.pageBytes); at < scene.setup.pageBytes; at += 8) {
      const word = root + BigInt(at);
      if (scene.machine.memory.get(Number(word / 8n)) !== 0n) changed.push(hex(word));
    }
    return changed.length === 0 ? 'none' : changed.join(', ');
  },
  'calls of the back end': ({ backEnd }) => (backEnd === undefined || backEnd.seen.length === 0 ? 'nothing' : backEnd.seen.join(', ')),
};
