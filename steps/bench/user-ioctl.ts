/** One ioctl as a table says it: the members of its structure, and in brackets what is said of it besides. */
import { bytesOf, IOCTLS, requestOf, type IoctlName } from '#drivers/contract/uapi-iommufd';
import type { Iommufd } from '#drivers/contract/iommufd';
import type { AnyLayout } from '#hw-models/core/bits';
import type { Result } from '#hw-models/core/result';
import { NotTested } from './outcomes';
import { littleEndian, type Rows } from './systems/system';

/** How an ioctl is made. */
export interface Shape {
  /** Bytes that the structure says it has. */
  readonly size: number;
  readonly request: number;
  /** What is said right after the structure. */
  readonly tail: bigint;
  readonly memory: 'there' | 'read-only' | 'nowhere';
  /** The members, without the size. */
  readonly members: Rows;
}

const TAIL_BYTES = 8;
/** An address that no process has. */
const NOWHERE = 0x10n;

type Value = (text: string) => bigint;

/** What tables say in brackets. */
const SAID: Readonly<Record<string, (text: string, value: Value, bytes: number) => Partial<Shape>>> = {
  '(length)': (text, value) => ({ size: Number(value(text)) }),
  '(request)': (text, value) => ({ request: Number(value(text)) }),
  '(tail)': (text, value, bytes) => ({ tail: value(text), size: bytes + TAIL_BYTES }),
  '(memory)': (text) => ({ memory: text as Shape['memory'] }),
};

export function shapeOf(name: IoctlName, rows: Rows, value: Value): Shape {
  const bytes = bytesOf(IOCTLS[name]);
  const plain: Shape = { size: bytes, request: requestOf(IOCTLS[name]), tail: 0n, memory: 'there', members: rows };
  const said = rows.flatMap(([field = '', text = '']) => SAID[field]?.(text, value, bytes) ?? []);
  return Object.assign({}, plain, ...said, { members: rows.filter(([field = '']) => !Object.hasOwn(SAID, field)) }) as Shape;
}

/** A structure with the members that a table gives. */
export function encode(layout: AnyLayout, rows: Rows, value: Value, raw = 0n): bigint {
  return rows.reduce((word, [field = '', text = '']) => {
    const declared = layout.fields[field];
    if (declared === undefined)
      throw new Error(`${layout.name} has no member ${field}: write one of ${Object.keys(layout.fields).join(' ')}`);
    const given = value(text);
    const as = typeof declared.get(0n);
    return layout.with(word, { [field]: as === 'number' ? Number(given) : as === 'boolean' ? given === 1n : given });
  }, raw);
}

/** What came of it, and the structure afterwards. */
export interface Came {
  readonly result: Result<number>;
  readonly raw: bigint;
}

/** Where a process lays structures: a page that the kernel can write, and one that it cannot. */
export type Scratch = Readonly<Record<Exclude<Shape['memory'], 'nowhere'>, bigint>>;

export const SCRATCH_BYTES = 4096;

/** What is after the structure on its page is 0. */
export async function call(iommufd: Iommufd, file: number, name: IoctlName, shape: Shape, raw: bigint, scratch: Scratch): Promise<Came> {
  const { memory, request, tail } = shape;
  if (memory === 'nowhere') return { result: await iommufd.ioctl(file, request, NOWHERE), raw };
  const at = scratch[memory];
  const bytes = bytesOf(IOCTLS[name]);
  must(await iommufd.userWrite(at, new Uint8Array(MOST_BYTES)));
  must(await iommufd.userWrite(at, Uint8Array.from([...littleEndian(raw, bytes), ...littleEndian(tail, TAIL_BYTES)])));
  const result = await iommufd.ioctl(file, request, at);
  return { result, raw: numberFrom(must(await iommufd.userRead(at, bytes))) };
}

/** No structure has more, with what is said after it. */
const MOST_BYTES = 64;

/** A number from its bytes, least significant first. */
export const numberFrom = (bytes: Uint8Array): bigint => bytes.reduceRight((number, byte) => number * 256n + BigInt(byte), 0n);

/** What the scene itself does with user memory has to be carried out. */
export function must<T>(result: Result<T>): T {
  if (!result.ok) throw new NotTested(`setup: the scene’s own use of user memory was refused with ${result.errno}`);
  return result.value;
}
