/** The colours of the style sheet, for what is drawn on canvas. */
export interface Theme {
  readonly up: string;
  readonly down: string;
  readonly ink: string;
  readonly muted: string;
  readonly faint: string;
  readonly grid: string;
  readonly surface: string;
  readonly accent: string;
  readonly volumeUp: string;
  readonly volumeDown: string;
  readonly band: string;
  readonly fall: string;
  readonly lines: readonly string[];
  readonly font: string;
}

const LINE_COLOURS = 8;

export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    up: colour('up'),
    down: colour('down'),
    ink: colour('ink'),
    muted: colour('muted'),
    faint: colour('faint'),
    grid: colour('grid'),
    surface: colour('surface'),
    accent: colour('accent'),
    volumeUp: colour('volume-up'),
    volumeDown: colour('volume-down'),
    band: colour('band'),
    fall: colour('fall'),
    lines: Array.from({ length: LINE_COLOURS }, (_, i) => colour(`line-${i}`)),
    font: colour('font'),
  };
}

/** Calls back when the system switches between light and dark. */
export function onThemeChange(change: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', change);
}
