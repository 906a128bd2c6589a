// What both scenarios in TypeScript need: the arguments, steps, checks and ids.
declare const process: { argv: string[]; exit(status: number): never; on(event: string, f: (e: unknown) => void): void };
declare const console: { log(text: string): void; error(error: unknown): void };
declare const crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };

process.on("unhandledRejection", (error) => {
  console.error(error);
  process.exit(1);
});

export function arguments_(): Record<"address" | "laterAddress" | "email" | "password" | "day", string> {
  const [address = "", laterAddress = "", email = "", password = "", day = ""] = process.argv.slice(2);
  return { address, laterAddress, email, password, day };
}

export function step(name: string): void {
  console.log(`step: ${name}`);
}

export function check(holds: boolean, found: unknown): asserts holds {
  if (!holds) throw new Error(`unexpected: ${JSON.stringify(found)}`);
}

/** Return a UUID of version 7: milliseconds, then random bits. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let milliseconds = Date.now();
  for (let at = 5; at >= 0; at--, milliseconds = Math.floor(milliseconds / 256)) bytes[at] = milliseconds % 256;
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
