/** Claims what no rule knows. */
import { driver as toy } from '#drivers/toy/driver';

export const driver = { ...toy, manifest: { ...toy.manifest, supports: { ...toy.manifest.supports, telepathy: true } } };
