import { UnstyledButton } from "@mantine/core";
import { IconPhoto, IconPhotoOff } from "@tabler/icons-react";
import { type MouseEvent, useState } from "react";
import { hostOf, safeImage } from "./addresses";
import classes from "./Markdown.module.css";

interface RemoteImageProps {
  address: string;
  alt: string;
  title?: string | undefined;
}

/** A picture from another computer: loaded only when the reader asks, because loading it tells that computer. */
export function RemoteImage({ address, alt, title }: RemoteImageProps) {
  const [state, setState] = useState<"asking" | "shown" | "failed">("asking");
  const source = safeImage(address);
  const name = alt || title || "Picture";
  if (source === null || state === "failed") {
    return (
      <span className={classes.imageNote}>
        <IconPhotoOff size={16} aria-hidden />
        {state === "failed"
          ? `${name}: the picture could not be loaded`
          : `${name}: not included in the export`}
      </span>
    );
  }
  if (state === "shown") {
    return (
      <img
        className={classes.image}
        src={source}
        alt={alt}
        title={title}
        referrerPolicy="no-referrer"
        decoding="async"
        onError={() => setState("failed")}
      />
    );
  }
  const show = (event: MouseEvent): void => {
    // The picture may stand inside a link, which is not what was clicked.
    event.preventDefault();
    setState("shown");
  };
  return (
    <UnstyledButton className={classes.imageNote} data-clickable onClick={show}>
      <IconPhoto size={16} aria-hidden />
      <span>{name}</span>
      <span className={classes.imageHost}>Load from {hostOf(source)}</span>
    </UnstyledButton>
  );
}
