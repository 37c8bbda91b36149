/** Fails when it is loaded. */
throw new Error('no hardware here\nand a second line');
export const driver = undefined;
