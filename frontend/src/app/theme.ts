import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const synth: MantineColorsTuple = [
  "#eef0fc",
  "#dde1f8",
  "#bcc4f2",
  "#99a5ec",
  "#7b8ae6",
  "#6476dd",
  "#4c5fd5",
  "#4354c9",
  "#3746ad",
  "#2d3a90",
];

// Mantine's own greys are warm; these are those of styles/tokens.css.
const dark: MantineColorsTuple = [
  "#ececee",
  "#b7b7be",
  "#95959e",
  "#6b6b74",
  "#3c3d44",
  "#2f3036",
  "#202125",
  "#17181b",
  "#121316",
  "#0c0d0f",
];

const FONT = "'Inter Variable', system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const MONOSPACE = "ui-monospace, 'SF Mono', 'Cascadia Code', 'JetBrains Mono', Menlo, Consolas, monospace";

export const theme = createTheme({
  primaryColor: "synth",
  primaryShade: { light: 6, dark: 6 },
  colors: { synth, dark },
  fontFamily: FONT,
  fontFamilyMonospace: MONOSPACE,
  headings: { fontFamily: FONT, fontWeight: "620" },
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.9375rem", lg: "1.0625rem", xl: "1.25rem" },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    InputWrapper: { defaultProps: { withAsterisk: false } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: false, fz: "xs" } },
    Menu: { defaultProps: { shadow: "md", radius: "md", transitionProps: { duration: 90 } } },
    Modal: {
      defaultProps: {
        centered: true,
        radius: "lg",
        overlayProps: { backgroundOpacity: 0.35, blur: 2 },
        closeButtonProps: { "aria-label": "Close" },
      },
    },
    Drawer: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
  },
});

const shared = {
  "--mantine-color-body": "var(--cs-canvas)",
  "--mantine-color-text": "var(--cs-ink)",
  "--mantine-color-dimmed": "var(--cs-ink-3)",
  "--mantine-color-placeholder": "var(--cs-ink-3)",
  "--mantine-color-anchor": "var(--cs-accent)",
  "--mantine-color-default": "var(--cs-raised)",
  "--mantine-color-default-hover": "var(--cs-hover)",
  "--mantine-color-default-color": "var(--cs-ink)",
  "--mantine-color-default-border": "var(--cs-line-strong)",
  "--mantine-color-error": "var(--cs-danger)",
  "--mantine-color-gray-light-color": "var(--cs-ink-2)",
  "--mantine-color-gray-light-hover": "var(--cs-hover)",
  "--mantine-color-synth-light": "var(--cs-accent-soft)",
  "--mantine-color-synth-light-color": "var(--cs-accent)",
  // What a menu takes for `color="red"`.
  "--mantine-color-red-6": "var(--cs-danger)",
};

/** Lets Mantine's own components take the colours of styles/tokens.css. */
export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: shared, dark: shared });
