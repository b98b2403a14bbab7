import { Center, VisuallyHidden } from "@mantine/core";
import { Mark } from "./Wordmark";

/** What stands here while the page finds out what to show. */
export function Splash() {
  return (
    <Center h="100%" role="status">
      <Mark size={40} />
      <VisuallyHidden>Opening ChatSynth…</VisuallyHidden>
    </Center>
  );
}
