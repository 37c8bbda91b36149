/** Whether something that a file exports is a driver. */
import * as v from 'valibot';
import type { DriverModule } from './contract/driver';
import { CAPABILITIES, HARDWARE, INTERFACES, PROFILES } from './contract/manifest';
import type { Capability } from './contract/manifest';
import { HELD_KINDS } from './contract/platform';
import { UsageError } from './usage';

/** What a manifest says of some kinds of page: one that is misspelt would say nothing, unnoticed. */
const ofPages = (value: v.GenericSchema) => v.strictObject(Object.fromEntries(HELD_KINDS.map((kind) => [kind, v.optional(value)])));

const manifest = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[\w.-]+$/, 'a name has letters, digits, dots and dashes')),
  implements: v.pipe(v.array(v.picklist(INTERFACES)), v.minLength(1)),
  profile: v.picklist(PROFILES),
  hardware: v.picklist(HARDWARE),
  supports: v.strictObject(
    Object.fromEntries(CAPABILITIES.map((name) => [name, v.boolean()])) as Record<Capability, v.BooleanSchema<undefined>>,
  ),
  locks: ofPages(v.pipe(v.string(), v.nonEmpty('a lock has a name'))),
});

const shape = v.object({ driver: v.object({ manifest, start: v.function() }) });

/**
 * The driver of a file, with its manifest as it reads now: one that says something else later is not asked again.
 * @param file As the person typed it. Throws `UsageError` naming file and field.
 */
export function checkModule(file: string, loaded: unknown): DriverModule {
  const parsed = parse(file, loaded);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new UsageError(`${file}: ${v.getDotPath(issue) ?? 'driver'}: ${issue.message}`);
  }
  const { driver } = loaded as { readonly driver: DriverModule };
  return { manifest: parsed.output.driver.manifest, start: driver.start.bind(driver) };
}

/** What is read may be computed, and whatever computes it may throw. */
function parse(file: string, loaded: unknown): v.SafeParseResult<typeof shape> {
  try {
    return v.safeParse(shape, loaded);
  } catch (error) {
    const [first] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    throw new UsageError(`${file}: driver.manifest: cannot be read: ${first}`);
  }
}

/** A manifest that came as text. Throws `UsageError`. */
export function parseManifest(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file}: driver.manifest: is no JSON: ${(error as Error).message}`);
  }
}
