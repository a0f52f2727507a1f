/** What the user does to a chart, in pixels from the left edge of its plot. */
export interface ChartGestures {
  /** Width of the plot, without the price axis. */
  width(): number;
  /** Whether a place (px from the container's left and top edge) is in the plot and not on an axis. */
  inPlot(x: number, y: number): boolean;
  pan(pixels: number): void;
  /** Below 1 shows fewer bars. */
  zoom(x: number, factor: number): void;
  click(x: number): void;
  all(): void;
}

const CLICK_TOLERANCE = 4;

/**
 * Mouse, touch, wheel and keys for a chart. The library's own handling is switched off: it counts in loaded bars,
 * and the loaded bars change under it whenever another level of detail or window comes in. Ends with `signal`.
 */
export function attachGestures(container: HTMLElement, gestures: ChartGestures, signal: AbortSignal): void {
  const held = new Map<number, number>();
  let travelled = 0;
  let spread = 0;
  const place = (event: MouseEvent) => {
    const box = container.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const move = (event: PointerEvent) => {
    const last = held.get(event.pointerId);
    if (last === undefined) return;
    const { x } = place(event);
    held.set(event.pointerId, x);
    travelled += Math.abs(x - last);
    if (held.size === 1) {
      if (travelled > CLICK_TOLERANCE) gestures.pan(x - last);
      return;
    }
    const xs = [...held.values()];
    const now = Math.max(...xs) - Math.min(...xs);
    if (spread > 10 && now > 10) gestures.zoom((Math.max(...xs) + Math.min(...xs)) / 2, spread / now);
    spread = now;
  };
  const release = (event: PointerEvent) => {
    if (!held.delete(event.pointerId)) return;
    spread = 0;
    if (held.size > 0) return;
    if (event.type === 'pointerup' && travelled <= CLICK_TOLERANCE) gestures.click(place(event).x);
    removeEventListener('pointermove', move);
    removeEventListener('pointerup', release);
    removeEventListener('pointercancel', release);
    container.classList.remove('dragging');
  };
  container.addEventListener(
    'pointerdown',
    event => {
      const { x, y } = place(event);
      if (event.button !== 0 || !(event.target instanceof HTMLCanvasElement) || !gestures.inPlot(x, y))
        return;
      if (held.size === 0) {
        travelled = 0;
        addEventListener('pointermove', move, { signal });
        addEventListener('pointerup', release, { signal });
        addEventListener('pointercancel', release, { signal });
        container.classList.add('dragging');
      }
      held.set(event.pointerId, x);
    },
    { signal },
  );
  container.addEventListener(
    'dblclick',
    event => {
      const { x, y } = place(event);
      if (event.target instanceof HTMLCanvasElement && gestures.inPlot(x, y)) gestures.zoom(x, 0.4);
    },
    { signal },
  );
  container.addEventListener(
    'wheel',
    event => {
      const { x, y } = place(event);
      if (!gestures.inPlot(x, y)) return;
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1;
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        gestures.pan(-(event.shiftKey ? event.deltaY || event.deltaX : event.deltaX) * unit);
      } else {
        gestures.zoom(x, Math.exp(Math.max(-240, Math.min(240, event.deltaY * unit)) * 0.0018));
      }
    },
    { passive: false, signal },
  );
  container.addEventListener(
    'keydown',
    event => {
      if (event.target !== container || event.ctrlKey || event.metaKey || event.altKey) return;
      const screen = gestures.width();
      const actions: Record<string, () => void> = {
        ArrowLeft: () => gestures.pan(screen / (event.shiftKey ? 1 : 8)),
        ArrowRight: () => gestures.pan(-screen / (event.shiftKey ? 1 : 8)),
        '+': () => gestures.zoom(screen / 2, 0.7),
        '=': () => gestures.zoom(screen / 2, 0.7),
        '-': () => gestures.zoom(screen / 2, 1 / 0.7),
        '0': () => gestures.all(),
      };
      const action = actions[event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    },
    { signal },
  );
}
