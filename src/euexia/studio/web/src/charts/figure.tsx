/** The frame of every figure: title, caption, data as a table, download as SVG or PNG. */
import type { ComponentChildren, RefObject } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { savePng, saveSvg } from "./save";

export interface DataTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

interface FigureProps {
  readonly name: string;
  readonly title: string;
  readonly note?: ComponentChildren;
  readonly table: DataTable;
  readonly busy?: boolean;
  readonly wide?: boolean;
  readonly extra?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Figure({ name, title, note, table, busy, wide, extra, children }: FigureProps) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const holder = useRef<HTMLElement>(null);
  const drawings = (): SVGSVGElement[] => [...(holder.current?.querySelectorAll<SVGSVGElement>("svg.chart") ?? [])];
  return (
    <figure class={wide === true ? "figure wide" : "figure"} ref={holder} data-figure={name} aria-busy={busy === true ? "true" : undefined} aria-labelledby={`${id}-title`}>
      <header class="figure-head">
        <h3 id={`${id}-title`}>{title}</h3>
        {extra}
      </header>
      <div class="figure-body">{children}</div>
      <figcaption>
        <p class="note">{note}</p>
        <p class="figure-tools">
          <button type="button" class="quiet" aria-expanded={open} aria-controls={`${id}-table`} onClick={() => setOpen(!open)}>{open ? "Hide the numbers" : "Numbers"}<span class="unseen"> of {title}</span></button>
          <button type="button" class="quiet" onClick={() => saveSvg(drawings(), name, title)}>SVG<span class="unseen"> of {title}</span></button>
          <button type="button" class="quiet" onClick={() => void savePng(drawings(), name, title)}>PNG<span class="unseen"> of {title}</span></button>
        </p>
      </figcaption>
      <div id={`${id}-table`} hidden={!open}>{open && <Table table={table} caption={title} />}</div>
    </figure>
  );
}

export function Table({ table, caption }: { readonly table: DataTable; readonly caption: string }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`Numbers: ${caption}`}>
      <table class="numbers">
        <caption class="unseen">{caption}</caption>
        <thead><tr>{table.columns.map((column) => <th key={column} scope="col">{column}</th>)}</tr></thead>
        <tbody>
          {table.rows.map((row, place) => (
            <tr key={place}>{row.map((cell, column) => (column === 0 ? <th key={column} scope="row">{cell}</th> : <td key={column}>{cell}</td>))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The width a drawing has, followed as it changes; heights never depend on it. */
export function useWidth<E extends HTMLElement>(): readonly [RefObject<E | null>, number] {
  const holder = useRef<E | null>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = holder.current;
    if (element === null) return;
    setWidth(element.clientWidth);
    const watcher = new ResizeObserver(() => setWidth(element.clientWidth));
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  return [holder, width];
}

const NARROW = matchMedia("(max-width: 640px)");

/** Whether the page is as narrow as a phone; known before anything is drawn, so that heights can depend on it. */
export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(NARROW.matches);
  useLayoutEffect(() => {
    const look = (): void => setNarrow(NARROW.matches);
    NARROW.addEventListener("change", look);
    return () => NARROW.removeEventListener("change", look);
  }, []);
  return narrow;
}

interface DrawingProps {
  readonly height: number;
  readonly label: string;
  readonly children: (width: number) => ComponentChildren;
  readonly onPointer?: (x: number | null, width: number) => void;
}

/** A drawing as wide as its place, with a fixed height and a text for those who cannot see it. */
export function Drawing({ height, label, children, onPointer }: DrawingProps) {
  const [holder, width] = useWidth<HTMLDivElement>();
  const move = (event: PointerEvent): void => {
    const box = holder.current?.getBoundingClientRect();
    if (box !== undefined) onPointer?.(event.clientX - box.left, box.width);
  };
  return (
    <div class="drawing" ref={holder} style={{ height: `${height}px` }} {...(onPointer === undefined ? {} : { onPointerMove: move, onPointerDown: move })}>
      {width > 0 && (
        <svg class="chart" role="img" aria-label={label} width={width} height={height} viewBox={`0 0 ${width} ${height}`}>{children(width)}</svg>
      )}
    </div>
  );
}
