import {
  IconAsterisk,
  IconBrandOpenai,
  IconBrandWindows,
  IconMessage2,
  IconMessages,
  IconSparkles,
  IconSquareLetterM,
  IconSquareLetterX,
  type TablerIcon,
} from "@tabler/icons-react";
import classes from "./PlatformBadge.module.css";
import { platformName } from "./platforms";

const ICONS: Record<string, TablerIcon> = {
  chatgpt: IconBrandOpenai,
  claude: IconAsterisk,
  gemini: IconSparkles,
  mistral: IconSquareLetterM,
  lechat: IconSquareLetterM,
  grok: IconSquareLetterX,
  copilot: IconBrandWindows,
};

/** A small sign of where a chat comes from. */
export function PlatformBadge({ platform, size = 16 }: { platform: string | null; size?: number }) {
  const Icon = platform === null ? IconMessage2 : (ICONS[platform] ?? IconMessages);
  return (
    <span className={classes.badge} data-platform={platform ?? "own"} title={platformName(platform)}>
      <Icon size={size} stroke={1.75} aria-hidden />
    </span>
  );
}
