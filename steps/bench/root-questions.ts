/** What a scene can see of an SMMU's root table, and of what else is in its page: each answer is a text that a step compares. */
import { alignDown, alignUp } from '#hw-models/core/address';
import { hex } from '#hw-models/core/hex';
import { RUBBISH } from '#hw-models/hyp/host';
import { rootBytes } from '#hw-models/hyp/layouts';
import type { HypScene } from './hyp-scene';

/** Physical addresses: the root is `[from, to)`, its page `[page, end)`. */
interface Place {
  readonly from: bigint;
  readonly to: bigint;
  readonly page: bigint;
  readonly end: bigint;
}

function placeOf(scene: HypScene, smmu: number): Place {
  const { pageBytes } = scene.setup;
  const from = scene.hyp.kernelPhys(scene.rootOf(smmu))!;
  const page = alignDown(from, Math.log2(pageBytes));
  return { from, to: from + BigInt(rootBytes(pageBytes)), page, end: page + BigInt(pageBytes) };
}

/** The words of `[from, to)`. */
function wordsOf(from: bigint, to: bigint): bigint[] {
  return Array.from({ length: Number((to - from) / 8n) }, (_none, index) => from + BigInt(index * 8));
}

const valueAt = ({ machine }: HypScene, word: bigint): bigint => machine.memory.get(Number(word / 8n));

const listed = (words: readonly bigint[]): string => (words.length === 0 ? 'none' : words.map((word) => hex(word)).join(', '));

export const ROOT_QUESTIONS = {
  /** A mapping covers whole pages, so one that is rounded up to them maps the same. */
  'bytes mapped of the root of SMMU': (scene: HypScene, smmu = 0): string => {
    const { hyp, setup } = scene;
    const { from, to, page, end } = placeOf(scene, smmu);
    const mappings = hyp.mappings
      .filter(({ errno }) => errno === undefined)
      .map((mapping) => ({ from: hyp.hypPhys(mapping.from), to: hyp.hypPhys(mapping.to) }))
      .filter((mapping) => mapping.from < end && mapping.to > page);
    const log2 = Math.log2(setup.pageBytes);
    const beyond = mappings.some((mapping) => alignDown(mapping.from, log2) < page || alignUp(mapping.to, log2) > end);
    const mapped = wordsOf(from, to).filter((word) => mappings.some((mapping) => word >= mapping.from && word < mapping.to));
    return `${mapped.length * 8}${beyond ? ', and pages beside it' : ''}`;
  },
  'words written beyond the root of SMMU': (scene: HypScene, smmu = 0): string => {
    const { to, end } = placeOf(scene, smmu);
    return listed(wordsOf(to, end).filter((word) => valueAt(scene, word) !== 0n));
  },
  /** The host's own data, where the root does not begin its page. */
  'what lies beside the root of SMMU': (scene: HypScene, smmu = 0): string => {
    const { from, to, page, end } = placeOf(scene, smmu);
    const beside = [...wordsOf(page, from), ...wordsOf(to, end)];
    const changed = beside.filter((word) => valueAt(scene, word) !== RUBBISH);
    if (changed.length > 0) return `changed at ${listed(changed)}`;
    return beside.every((word) => scene.host.read64(word).kind === 'done') ? 'as before' : "out of the host's reach";
  },
};
