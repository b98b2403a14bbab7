// All readable under white letters (contrast of 4.5 and more) and apart from each other.
export const PERSON_COLOURS = [
  "#4354c9",
  "#b4400c",
  "#0f766e",
  "#a21caf",
  "#1d6fb8",
  "#9a5b00",
  "#be123c",
  "#3f7a1c",
];

/** The colour that stands for a person everywhere on the page. */
export function colourOf(userId: number): string {
  return PERSON_COLOURS[Math.abs(userId - 1) % PERSON_COLOURS.length] ?? "#4354c9";
}

/** One or two letters for a name. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const picked = words.length > 1 ? [words[0], words.at(-1)] : words;
  return picked.map((word) => [...(word ?? "")][0]?.toUpperCase() ?? "").join("") || "?";
}
