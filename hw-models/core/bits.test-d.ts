/** Types of declared words, checked by `tsc --noEmit`; never run. */

import { bit, bits, oneOf, reserved, ro, uint, w1c, word } from '#hw-models/core/bits';
import type { AnyLayout, Fields, Layout, View, ViewOf } from '#hw-models/core/bits';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_Claim extends true>(): void => {};

const Entry = word(64, 'entry', {
  kind: oneOf(63, 62, { none: 0, table: 1, leaf: 2 }),
  rsv: reserved(61, 60),
  PPN: bits(59, 12),
  tag: uint(11, 4),
  err: w1c(bit(3)),
  busy: ro(bit(2)),
  W: bit(1),
  V: bit(0),
});

type EntryView = ViewOf<typeof Entry>;
holds<Same<EntryView['V'], boolean>>();
holds<Same<EntryView['busy'], boolean>>();
holds<Same<EntryView['err'], boolean>>();
holds<Same<EntryView['PPN'], bigint>>();
holds<Same<EntryView['tag'], number>>();
holds<Same<EntryView['kind'], 'none' | 'table' | 'leaf' | 'reserved'>>();
holds<Same<EntryView['raw'], bigint>>();

holds<Same<ReturnType<typeof Entry.halves.V>, boolean>>();
holds<Same<ReturnType<typeof Entry.halves.PPN>, number>>();
holds<Same<ReturnType<typeof Entry.halves.tag>, number>>();
holds<Same<ReturnType<typeof Entry.halves.kind>, 'none' | 'table' | 'leaf' | 'reserved'>>();

Entry.encode({ V: true, PPN: 1n, tag: 3, kind: 'leaf' });
// @ts-expect-error a flag is a boolean
Entry.encode({ V: 1 });
// @ts-expect-error an address part is a bigint
Entry.encode({ PPN: 1 });
// @ts-expect-error an identifier is a number
Entry.encode({ tag: 1n });
// @ts-expect-error an encoding has a name
Entry.with(0n, { kind: 1 });
// @ts-expect-error the name must be declared
Entry.with(0n, { kind: 'block' });
// @ts-expect-error the field must be declared
Entry.encode({ A: true });
// @ts-expect-error a value given is a value
Entry.encode({ V: undefined });
// @ts-expect-error the field must be declared
export const { A } = Entry.of(0n);
// @ts-expect-error a view is read-only
Entry.of(0n).V = true;
// @ts-expect-error a word is a bigint
Entry.of(0);
// @ts-expect-error the field must be declared
Entry.mask('V', 'A');
// @ts-expect-error halves are numbers
Entry.halves.V(0n, 0n);
// @ts-expect-error an encoding is a number
oneOf(1, 0, { none: 0n });

const Header = { func3: uint(9, 7), opcode: uint(6, 0) };
const Command = word(32, 'command', { rsv: reserved(31, 10), ...Header });
holds<Same<ReturnType<typeof Command.of>['opcode'], number>>();

export const layouts: readonly AnyLayout[] = [Entry, Command];
// @ts-expect-error the values of an unknown field are unknown
export const unknownField: boolean = layouts[0]!.of(0n)['V'];
export const nameOf = <F extends AnyLayout>(layout: F): string => layout.name;
nameOf(Entry);

/** A table of commands infers the view of each from its layout. */
export const command =
  <F extends Fields>(layout: Layout<F>, run: (entry: View<F>) => string): ((raw: bigint) => string) =>
  (raw) =>
    layout.hasReserved(raw) ? 'illegal' : run(layout.of(raw));
command(Command, (entry) => {
  holds<Same<typeof entry.func3, number>>();
  // @ts-expect-error the field must be declared
  return String(entry.V);
});
