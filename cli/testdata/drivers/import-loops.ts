/** Is never loaded. */
for (;;);
