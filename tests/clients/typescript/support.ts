// What both scenarios in TypeScript need: the arguments, steps, checks and ids.
declare function require(name: "node:fs"): { readFileSync(path: string): Uint8Array<ArrayBuffer> };
declare const process: { argv: string[]; exit(status: number): never; on(event: string, f: (e: unknown) => void): void };
declare const console: { log(text: string): void; error(error: unknown): void };
declare const crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };

process.on("unhandledRejection", (error) => {
  console.error(error);
  process.exit(1);
});

export function arguments_(): Record<"address" | "laterAddress" | "email" | "password" | "day" | "photo", string> {
  const [address = "", laterAddress = "", email = "", password = "", day = "", photo = ""] = process.argv.slice(2);
  return { address, laterAddress, email, password, day, photo };
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

/** Return a file as what the picker of a browser gives. */
export function readPhoto(path: string): Blob {
  return new Blob([require("node:fs").readFileSync(path)], { type: "image/jpeg" });
}

/** Fetch a picture without a token, as an image view does. */
export async function checkPicture(url: string): Promise<void> {
  const answer = await fetch(url);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  check(answer.status === 200 && String.fromCharCode(...bytes.slice(8, 12)) === "WEBP", answer.status);
}
