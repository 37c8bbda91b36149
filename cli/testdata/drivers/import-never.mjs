/** Is never loaded either. */
await new Promise(() => undefined);
