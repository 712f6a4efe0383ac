/** Tabs with one stop for the keyboard: arrows move among them. */
import { useId, useRef } from "preact/hooks";
import type { ComponentChildren } from "preact";

interface TabsProps<T extends string> {
  readonly label: string;
  readonly tabs: readonly { readonly key: T; readonly label: ComponentChildren }[];
  readonly chosen: T;
  readonly onChoose: (key: T) => void;
  readonly panel: string;
}

export function Tabs<T extends string>({ label, tabs, chosen, onChoose, panel }: TabsProps<T>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent): void => {
    const at = tabs.findIndex((tab) => tab.key === chosen);
    const steps: Readonly<Record<string, number>> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const target = tabs[(next + tabs.length) % tabs.length];
    if (target === undefined) return;
    onChoose(target.key);
    list.current?.querySelector<HTMLElement>(`[data-key="${target.key}"]`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={move}>
      {tabs.map((tab) => (
        <button key={tab.key} type="button" role="tab" id={`${id}-${tab.key}`} data-key={tab.key} aria-selected={tab.key === chosen} aria-controls={panel}
          tabIndex={tab.key === chosen ? 0 : -1} onClick={() => onChoose(tab.key)}>{tab.label}</button>
      ))}
    </div>
  );
}
