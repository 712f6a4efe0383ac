/** Figures as files, made in the browser: what is seen is what is saved, on white paper and with its own styles. */
const PAINT = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "opacity", "fill-opacity", "font-family", "font-size", "font-weight", "text-anchor", "letter-spacing"] as const;
const SPACE = "http://www.w3.org/2000/svg";
const GAP = 16;
const HEAD = 34;

function painted(drawing: SVGSVGElement): SVGSVGElement {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const originals = [...drawing.querySelectorAll<SVGElement>("*")];
  [...copy.querySelectorAll<SVGElement>("*")].forEach((element, place) => {
    const original = originals[place];
    if (original === undefined) return;
    const style = getComputedStyle(original);
    for (const name of PAINT) element.setAttribute(name, style.getPropertyValue(name));
    element.removeAttribute("class");
    element.removeAttribute("style");
  });
  return copy;
}

/** Several drawings of one figure, under each other, as one document. */
function sheet(drawings: readonly SVGSVGElement[], title: string): { readonly text: string; readonly width: number; readonly height: number } {
  const width = Math.max(...drawings.map((drawing) => drawing.clientWidth)) + 2 * GAP;
  const page = getComputedStyle(document.documentElement);
  const whole = document.createElementNS(SPACE, "svg");
  whole.setAttribute("xmlns", SPACE);
  const paper = document.createElementNS(SPACE, "rect");
  paper.setAttribute("width", "100%");
  paper.setAttribute("height", "100%");
  paper.setAttribute("fill", page.getPropertyValue("--sheet"));
  const heading = document.createElementNS(SPACE, "text");
  const marks: Readonly<Record<string, string>> = { x: String(GAP), y: "22", "font-family": "Source Serif 4, Georgia, serif", "font-size": "16", "font-weight": "600", fill: page.getPropertyValue("--ink") };
  for (const [name, value] of Object.entries(marks)) heading.setAttribute(name, value);
  heading.textContent = title;
  whole.append(paper, heading);
  let top = HEAD;
  for (const drawing of drawings) {
    const copy = painted(drawing);
    copy.setAttribute("x", String(GAP));
    copy.setAttribute("y", String(top));
    whole.append(copy);
    top += drawing.clientHeight + GAP;
  }
  whole.setAttribute("width", String(width));
  whole.setAttribute("height", String(top));
  whole.setAttribute("viewBox", `0 0 ${width} ${top}`);
  return { text: new XMLSerializer().serializeToString(whole), width, height: top };
}

export function saveSvg(drawings: readonly SVGSVGElement[], name: string, title: string): void {
  if (drawings.length > 0) saveText(sheet(drawings, title).text, `${name}.svg`, "image/svg+xml");
}

const PNG_SCALE = 2;

export async function savePng(drawings: readonly SVGSVGElement[], name: string, title: string): Promise<void> {
  if (drawings.length === 0) return;
  const { text, width, height } = sheet(drawings, title);
  const image = new Image();
  const source = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  image.src = source;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width * PNG_SCALE;
  canvas.height = height * PNG_SCALE;
  const pen = canvas.getContext("2d");
  pen?.scale(PNG_SCALE, PNG_SCALE);
  pen?.drawImage(image, 0, 0);
  URL.revokeObjectURL(source);
  canvas.toBlob((blob) => {
    if (blob !== null) saveBlob(blob, `${name}.png`);
  }, "image/png");
}

export function saveText(text: string, name: string, type = "text/plain"): void {
  saveBlob(new Blob([text], { type: `${type};charset=utf-8` }), name);
}

export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
