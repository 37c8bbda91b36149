/** What a scene can see of a hypervisor's memory, mappings and back end: each answer is a text that a step compares. */
import { hex } from '#hw-models/core/hex';
import type { HostAccess } from '#hw-models/hyp/host';
import type { Result } from '#hw-models/core/result';
import type { HypScene } from './hyp-scene';
import { ROOT_QUESTIONS } from './root-questions';

type Question = (scene: HypScene, ...args: number[]) => string;

const OWNERS: Readonly<Record<string, string>> = {
  'OWNED NOPAGE NOPAGE': 'host',
  'NOPAGE OWNED NOPAGE': 'hypervisor',
  'NOPAGE NOPAGE OWNED': 'guest',
  'SHARED_OWNED SHARED_BORROWED NOPAGE': 'host, shared with the hypervisor',
  'SHARED_BORROWED SHARED_OWNED NOPAGE': 'hypervisor, shared with the host',
};

function ownerOf({ hyp }: HypScene, pa: bigint): string {
  const page = hyp.pfnOf(pa);
  const states = (['host', 'hyp', 'guest'] as const).map((component) => hyp.ownership.stateOf(page, component)).join(' ');
  return OWNERS[states] ?? states;
}

const shown = ({ kind }: HostAccess): string => (kind === 'abort' ? 'aborted' : 'accepted');

const answered = (outcome: Result<null>): string => (outcome.ok ? 'accepted' : `refused with ${outcome.errno}`);

/** Physical address of a leaf; page 0, which nobody has, when it is missing. */
const leaf = ({ host }: HypScene, root: bigint, domain: number): bigint => host.leafOf(root, domain) ?? 0n;

export const QUESTIONS: Readonly<Record<string, Question>> = {
  'memcache pages of CPU': ({ host }, cpu = 0) => `${host.memcache(cpu).pages}`,
  'page needed by CPU': ({ host }, cpu = 0) => (host.memcache(cpu).needsPage ? 'yes' : 'no'),
  'references of domain': (scene, smmu = 0, domain = 0) => `${scene.host.descriptor(scene.rootOf(smmu), domain)?.refs ?? 0}`,
  'root of domain': (scene, smmu = 0, domain = 0) => hex(scene.host.descriptor(scene.rootOf(smmu), domain)?.pgd ?? 0n),
  /** The device table's entries, as the SMMU may still have them. */
  'tables of endpoints': (scene, smmu = 0, ...endpoints) => {
    const ways = endpoints.map((endpoint) =>
      scene
        .requesters(smmu, endpoint)
        .flatMap((requester) => scene.machine.reachOf(requester).destinations(requester))
        .map(({ kind, key }) => (kind === 'translates' ? key : `none: ${key}`))
        .join(' or '),
    );
    return new Set(ways).size === 1 && !ways[0]!.startsWith('none') ? 'one' : ways.join(' and ');
  },
  'leaf of domain': (scene, smmu = 0, domain = 0) => (scene.host.leafOf(scene.rootOf(smmu), domain) === undefined ? 'none' : 'there'),
  'owner of the leaf of domain': (scene, smmu = 0, domain = 0) => ownerOf(scene, leaf(scene, scene.rootOf(smmu), domain)),
  'host reading the leaf of domain': (scene, smmu = 0, domain = 0) => shown(scene.host.read64(leaf(scene, scene.rootOf(smmu), domain))),
  'host writing the leaf of domain': (scene, smmu = 0, domain = 0) =>
    shown(scene.host.write64(leaf(scene, scene.rootOf(smmu), domain), 0n)),
  'host reading the memcache of CPU': (scene, cpu = 0) => shown(scene.host.read64(scene.host.memcacheAt(cpu))),
  'host writing the memcache of CPU': (scene, cpu = 0) =>
    shown(scene.host.write64(scene.host.memcacheAt(cpu), scene.host.memcache(cpu).head)),
  'host donating the memcaches': ({ hyp, host }) => answered(hyp.hostDonateHyp(hyp.pfnOf(host.memcacheAt(0)), 1)),
  'host sharing the memcaches': ({ hyp, host }) => answered(hyp.hostShareHyp(hyp.pfnOf(host.memcacheAt(0)), 1)),
  'host reading the root of SMMU': (scene, smmu = 0) => shown(scene.host.read64(scene.hyp.kernelPhys(scene.rootOf(smmu))!)),
  'host writing the root of SMMU': (scene, smmu = 0) => shown(scene.host.write64(scene.hyp.kernelPhys(scene.rootOf(smmu))!, 0n)),
  'owner of the memcaches': (scene) => ownerOf(scene, scene.host.memcacheAt(0)),
  'owner of the page that was offered': (scene) => ownerOf(scene, scene.offered),
  'mappings of the hypervisor': ({ hyp }) => {
    const made = hyp.mappings.filter(({ errno }) => errno === undefined);
    return made.length === 0 ? 'none' : made.map(({ from, to }) => `[${hex(from)}, ${hex(to)})`).join(', ');
  },
  'calls of the back end': ({ backEnd }) => (backEnd === undefined || backEnd.seen.length === 0 ? 'nothing' : backEnd.seen.join(', ')),
  ...ROOT_QUESTIONS,
};
