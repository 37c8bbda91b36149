/** Entries that were read before: they are read far more often than they change. */
import type { ConfigurationReader } from '#hw-models/core/reach/facts';

interface Known<Meaning> {
  readonly words: readonly bigint[];
  readonly meaning: Meaning;
}

/** What entries of one kind mean, by where they lie and what they consist of. */
export class KnownEntries<Meaning> {
  readonly #count: number;
  readonly #decode: (words: readonly bigint[]) => Meaning;
  readonly #known = new Map<number, Known<Meaning>>();

  /** @param count Words of an entry. @param decode What they mean. */
  constructor(count: number, decode: (words: readonly bigint[]) => Meaning) {
    this.#count = count;
    this.#decode = decode;
  }

  read(word: number, see: ConfigurationReader): Meaning {
    const known = this.#known.get(word);
    if (known === undefined) return this.#keep(word, [], see);
    const { words, meaning } = known;
    const { length } = words;
    for (let at = 0; at < length; at++) {
      const raw = see.read(word + at);
      if (words[at] !== raw) return this.#keep(word, [...words.slice(0, at), raw], see);
    }
    return meaning;
  }

  /** @param read Of its words, those that were read already. */
  #keep(word: number, read: readonly bigint[], see: ConfigurationReader): Meaning {
    const words = [...read];
    for (let at = words.length; at < this.#count; at++) words.push(see.read(word + at));
    const meaning = this.#decode(words);
    this.#known.set(word, { words, meaning });
    return meaning;
  }
}
