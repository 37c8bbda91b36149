/** Is bound by no document. */
import { driver as toy } from '#drivers/toy/driver';

export const driver = { ...toy, manifest: { ...toy.manifest, profile: 'of-my-own' } };
