import type { User } from "../../api/wire";

const KEY = "chatsynth:user";

/** Who was signed in when the page was last open here, so that it can open without a network. */
export function rememberedUser(): User | null {
  try {
    const text = localStorage.getItem(KEY);
    return text ? (JSON.parse(text) as User) : null;
  } catch {
    return null;
  }
}

export function rememberUser(user: User): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(user));
  } catch {
    // A private window without storage: the page then needs the network to open.
  }
}

export function forgetUser(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}
