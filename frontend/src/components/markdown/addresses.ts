/** Which addresses in other people's text may become links or pictures. Everything else stays plain text. */

const LINK_PROTOCOLS = new Set(["http:", "https:", "mailto:"]);
const IMAGE_PROTOCOLS = new Set(["http:", "https:"]);

function parsed(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

/** The address when a link may lead there (http, https, mailto, or a place in the same message), else null. */
export function safeLink(address: string): string | null {
  if (/^#[\w-]+$/.test(address)) return address;
  const url = parsed(address);
  return url && LINK_PROTOCOLS.has(url.protocol) ? url.href : null;
}

/** The address when a picture may be loaded from there, once the reader asks for it, else null. */
export function safeImage(address: string): string | null {
  const url = parsed(address);
  return url && IMAGE_PROTOCOLS.has(url.protocol) ? url.href : null;
}

/** The name of the computer that an address leads to, for a person to judge. */
export function hostOf(address: string): string {
  return parsed(address)?.host ?? "";
}
