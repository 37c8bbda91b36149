import { Scene, STAGE2 } from '#hw-models/smmu-v3/scene';
import { Random } from '#hw-models/core/random';
import { walk } from '#hw-models/core/walk';
import type { Request } from '#hw-models/core/hardware';
const s = new Scene();
const root = s.pages('page-table', 4096);
// 4 levels: T0SZ 16 SL0 2
s.install(0, { ...STAGE2, S2T0SZ: 16, S2SL0: 2, S2TTB: root / 16n });
// build sparse tables: 64 L0.. quickly with machine.memory
const random = new Random(1);
const mem = s.machine.memory;
let next = 0x40000;
function table(entryWord: number): number { const raw = mem.get(entryWord); if (raw & 1n) return Number(raw >> 12n) * 512; const page = next++; mem.set(entryWord, (BigInt(page) << 12n) | 3n); return page * 512; }
const pages: number[] = [];
for (let i = 0; i < 4096; i++) {
  const page = (random.below(8) * 2**27 * 61) + random.below(16) * 2**18 * 29 + random.below(16) * 2 ** 9 * 31 + random.below(512);
  pages.push(page);
  let t = Number(root / 8n);
  for (const shift of [27, 18, 9]) t = table(t + Math.floor(page / 2 ** shift) % 512);
  mem.set(t + page % 512, (BigInt(random.below(2**20)) << 12n) | 0x7c3n | (3n << 6n));
}
const hw = s.machine.iommus[0]!.hardware;
const reqs: Request[] = pages.map((p) => ({ requester: 0, id: 0, pasid: undefined, iova: BigInt(p) << 12n, access: 'read', privileged: false }));
const time = (name: string, n: number, f: () => void) => { f(); f(); let best = Infinity; for (let k = 0; k < 7; k++) { const t = performance.now(); f(); best = Math.min(best, performance.now() - t); } console.log(name, (n / best / 1000).toFixed(2), 'M/s'); };
const dest = s.machine.iommus[0]!.reach.destinations(0)[0]!;
if (dest.kind !== 'translates') throw new Error();
let sink = 0;
time('walk only', 4096 * 10, () => { for (let k = 0; k < 10; k++) for (const p of pages) { const w = walk(dest.root, p, mem); if (w.entry.kind === 'page') sink += w.entry.page; else throw new Error(); } });
time('access hit', 4096 * 10, () => { for (let k = 0; k < 10; k++) for (const r of reqs) { const o = hw.access(r); if (o.kind !== 'translated') throw new Error(JSON.stringify(o, (_, v) => typeof v === 'bigint' ? v.toString() : v)); } });
const hot = reqs.slice(0, 64);
time('access hit hot 64', 4096 * 10, () => { for (let k = 0; k < 640; k++) for (const r of hot) { const o = hw.access(r); if (o.kind !== 'translated') throw new Error(); } });
const sight = s.machine.iommus[0]!.sight;
time('access cold (fill dropped)', 4096 * 10, () => { for (let k = 0; k < 10; k++) { sight.invalidate({ of: 'translations', space: undefined, leafOnly: false }); for (const r of reqs) { hw.access(r); } } });
console.log(sink);
const real = sight.fill;
(sight as { fill: unknown }).fill = () => undefined;
sight.invalidate({ of: 'translations', space: undefined, leafOnly: false });
time('access cold without fill', 4096 * 10, () => { for (let k = 0; k < 10; k++) { for (const r of reqs) { hw.access(r); } } });
