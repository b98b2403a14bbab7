import type { ReactNode } from "react";
import { safeLink } from "./addresses";

interface SafeLinkProps {
  address: string;
  title?: string | undefined;
  children: ReactNode;
}

/** A link when its address is one that may be followed, otherwise the words alone. */
export function SafeLink({ address, title, children }: SafeLinkProps) {
  const href = safeLink(address);
  if (href === null)
    return <span title={address ? `Not a web address: ${address}` : undefined}>{children}</span>;
  if (href.startsWith("#")) return <a href={href}>{children}</a>;
  return (
    <a
      href={href}
      title={title ?? href}
      target="_blank"
      rel="noopener noreferrer nofollow ugc"
      referrerPolicy="no-referrer"
    >
      {children}
    </a>
  );
}
