/**
 * What crosses the contract, as data: forms that carry it elsewhere (text, WebAssembly, C structures, JSON Schemas) are made from shapes
 * and know no method by name. `ValueOf` gives back the type, and `contract.test-d.ts` holds the shapes and the interfaces together.
 */
import type { Answer, Result } from '#hw-models/core/result';

/** A whole number below 2^32: a handle, an index, a count, flags. */
export const u32 = { kind: 'u32' } as const;
/** A whole number below 2^53: a number of bytes, frames or microseconds. 64 bits in C. */
export const u53 = { kind: 'u53' } as const;
/** A word of 64 bits, a bigint. */
export const word = { kind: 'word' } as const;
export const flag = { kind: 'flag' } as const;
export const text = { kind: 'text' } as const;
export const bytes = { kind: 'bytes' } as const;
export const nothing = { kind: 'nothing' } as const;

export interface OneOf<Names extends readonly string[] = readonly string[]> {
  readonly kind: 'oneOf';
  /** As other languages call the type, in words separated by underscores. */
  readonly name: string;
  readonly names: Names;
  /** The number of each name in other languages; from 0 on, in order, when absent. */
  readonly numbers?: readonly number[];
}
export interface List<Item extends Shape = Shape> {
  readonly kind: 'list';
  readonly of: Item;
}
export interface Optional<Of extends Shape = Shape> {
  readonly kind: 'optional';
  readonly of: Of;
}
export type Fields = Readonly<Record<string, Shape | Optional>>;
export interface RecordShape<F extends Fields = Fields> {
  readonly kind: 'record';
  readonly name: string;
  readonly fields: F;
}
/** A record that says by `kind` which fields it has; a field of several kinds is the same in each. */
export interface Union<Kinds extends Readonly<Record<string, Fields>> = Readonly<Record<string, Fields>>> {
  readonly kind: 'union';
  readonly name: string;
  readonly kinds: Kinds;
}

type Scalar = typeof u32 | typeof u53 | typeof word | typeof flag | typeof text | typeof bytes | typeof nothing;
export type Shape = Scalar | OneOf | List | RecordShape | Union;

export const oneOf = <const Names extends readonly string[]>(name: string, names: Names, numbers?: readonly number[]): OneOf<Names> => ({
  kind: 'oneOf',
  name,
  names,
  ...(numbers && { numbers }),
});
export const list = <const Item extends Shape>(of: Item): List<Item> => ({ kind: 'list', of });
export const optional = <const Of extends Shape>(of: Of): Optional<Of> => ({ kind: 'optional', of });
export const record = <const F extends Fields>(name: string, fields: F): RecordShape<F> => ({ kind: 'record', name, fields });
export const union = <const Kinds extends Readonly<Record<string, Fields>>>(name: string, kinds: Kinds): Union<Kinds> => ({
  kind: 'union',
  name,
  kinds,
});

/** One method: its arguments by name and in order, and what it gives. */
export interface Method<P extends Readonly<Record<string, Shape>> = Readonly<Record<string, Shape>>, G extends Shape = Shape> {
  readonly params: P;
  readonly gives: G;
  /** It answers with a result, so that it may refuse; what answers with the value itself cannot. */
  readonly refuses: boolean;
  /** The parameter that says how many bytes it gives, so that a caller can make room for them. */
  readonly sizedBy?: string;
}

/** A method that may refuse. */
export const call = <const P extends Readonly<Record<string, Shape>>, const G extends Shape = typeof nothing>(
  params: P,
  gives: G = nothing as Shape as G,
): Method<P, G> & { readonly refuses: true } => ({ params, gives, refuses: true });

/** A method that answers with its value. */
export const ask = <const P extends Readonly<Record<string, Shape>>, const G extends Shape = typeof nothing>(
  params: P,
  gives: G = nothing as Shape as G,
): Method<P, G> & { readonly refuses: false } => ({ params, gives, refuses: false });

type Show<T> = { [K in keyof T]: T[K] };
type FieldsOf<F extends Fields> = Show<
  { readonly [K in keyof F as F[K] extends Shape ? K : never]: F[K] extends Shape ? ValueOf<F[K]> : never } & {
    readonly [K in keyof F as F[K] extends Optional ? K : never]?: F[K] extends Optional<infer Of> ? ValueOf<Of> : never;
  }
>;

/** The type of the values of a shape. */
export type ValueOf<S extends Shape> = S extends { readonly kind: 'u32' | 'u53' }
  ? number
  : S extends { readonly kind: 'word' }
    ? bigint
    : S extends { readonly kind: 'flag' }
      ? boolean
      : S extends { readonly kind: 'text' }
        ? string
        : S extends { readonly kind: 'bytes' }
          ? Uint8Array
          : S extends { readonly kind: 'nothing' }
            ? null
            : S extends OneOf<infer Names>
              ? Names[number]
              : S extends List<infer Item>
                ? readonly ValueOf<Item>[]
                : S extends RecordShape<infer F>
                  ? FieldsOf<F>
                  : S extends Union<infer Kinds>
                    ? { [K in keyof Kinds]: Show<{ readonly kind: K } & FieldsOf<Kinds[K]>> }[keyof Kinds]
                    : never;

/** What a method of a driver answers, at once or later. */
export type AnswerOf<M extends Method> = Answer<ValueOf<M['gives']>>;
/** What a method that is answered at once gives. */
export type GivenBy<M extends Method> = M['refuses'] extends true
  ? Result<ValueOf<M['gives']>>
  : M['gives'] extends { readonly kind: 'nothing' }
    ? void
    : ValueOf<M['gives']>;
