/** Whether something that a file exports is a driver. */
import * as v from 'valibot';
import type { DriverModule } from './contract/driver';
import { CAPABILITIES, HARDWARE, INTERFACES, PROFILES } from './contract/manifest';
import { HELD_KINDS } from './contract/platform';
import { UsageError } from './usage';

/** What a manifest says of some kinds of page: one that is misspelt would say nothing, unnoticed. */
const ofPages = (value: v.GenericSchema) => v.strictObject(Object.fromEntries(HELD_KINDS.map((kind) => [kind, v.optional(value)])));

const manifest = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[\w.-]+$/, 'a name has letters, digits, dots and dashes')),
  implements: v.pipe(v.array(v.picklist(INTERFACES)), v.minLength(1)),
  profile: v.picklist(PROFILES),
  hardware: v.picklist(HARDWARE),
  supports: v.strictObject(Object.fromEntries(CAPABILITIES.map((name) => [name, v.boolean()]))),
  locks: ofPages(v.pipe(v.string(), v.nonEmpty('a lock has a name'))),
});

const shape = v.object({ driver: v.object({ manifest, start: v.function() }) });

/** @param file As the person typed it. Throws `UsageError` naming file and field. */
export function checkModule(file: string, loaded: unknown): DriverModule {
  const parsed = v.safeParse(shape, loaded);
  if (parsed.success) return (loaded as { readonly driver: DriverModule }).driver;
  const [issue] = parsed.issues;
  throw new UsageError(`${file}: ${v.getDotPath(issue) ?? 'driver'}: ${issue.message}`);
}
