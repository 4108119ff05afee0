/** The few colours that we write with, as `#rrggbb`. All text colours reach 4.5:1 on white, and on paper without colour. */
export type Palette = { accent: string; tint: string; ink: string; muted: string; hairline: string; alert: string };

const TEAL = "#0f766e";

/** The dealer's accent when it is a colour; darkened until white text on it, and it on white, can be read (WCAG 4.5:1). */
export function palette(accent: string): Palette {
  let rgb = channels(/^#[0-9a-f]{6}$/i.test(accent) ? accent : TEAL);
  while (luminance(rgb) > 0.18) rgb = rgb.map((channel) => channel * 0.9);
  return {
    accent: hex(rgb),
    tint: hex(rgb.map((channel) => 255 - (255 - channel) * 0.07)),
    ink: "#1b2426",
    muted: "#566164",
    hairline: "#c5cccd",
    alert: "#9b1c1c",
  };
}

const channels = (color: string): number[] => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));

const hex = (rgb: number[]): string =>
  `#${rgb.map((channel) => Math.round(channel).toString(16).padStart(2, "0")).join("")}`;

// https://www.w3.org/TR/WCAG21/#dfn-relative-luminance
function luminance(rgb: number[]): number {
  const [red, green, blue] = rgb.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}
