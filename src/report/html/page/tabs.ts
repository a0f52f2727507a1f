/** A row of tabs: clicks and arrow keys choose one. `choose` is called when another tab than before is chosen. */
export function attachTabs(
  list: HTMLElement,
  choose: (tab: HTMLElement) => void,
): (tab: HTMLElement) => void {
  const tabs = [...list.querySelectorAll<HTMLElement>('[role=tab]')];
  const activate = (tab: HTMLElement) => {
    if (tab.getAttribute('aria-selected') === 'true') return;
    for (const one of tabs) {
      one.setAttribute('aria-selected', String(one === tab));
      one.tabIndex = one === tab ? 0 : -1;
    }
    choose(tab);
  };
  for (const tab of tabs) tab.addEventListener('click', () => activate(tab));
  list.addEventListener('keydown', event => {
    const at = tabs.indexOf(event.target as HTMLElement);
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (at < 0 || step === 0) return;
    event.preventDefault();
    const next = tabs[(at + step + tabs.length) % tabs.length];
    next.focus();
    activate(next);
  });
  return activate;
}
