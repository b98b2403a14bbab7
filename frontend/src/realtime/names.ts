/** A name that is unique for ever: 96 random bits. (`crypto.randomUUID` exists only on https.) */
export function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
