// Builds the page into ../static: one script, one style sheet, three font files, the licences, and a hash of the sources.
import { build, context } from "esbuild";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

const HERE = import.meta.dirname;
const OUT = join(HERE, "..", "static");
const FONTS = [
  ["source-serif-4", "source-serif-4-latin-wght-normal.woff2"],
  ["source-sans-3", "source-sans-3-latin-wght-normal.woff2"],
  ["source-sans-3", "source-sans-3-greek-wght-normal.woff2"],
];
const BUNDLED = ["preact", "@preact/signals", "@preact/signals-core", "@fontsource-variable/source-serif-4", "@fontsource-variable/source-sans-3"];

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(folder, entry.name)) : [join(folder, entry.name)]))
    .sort();
}

/** Hash of everything the bundle is made of: the sources, this script, the locked versions. */
function sourceHash() {
  const hash = createHash("sha256");
  const files = [...filesUnder(join(HERE, "src")), ...["build.mjs", "package.json", "package-lock.json", "tsconfig.json"].map((name) => join(HERE, name))];
  for (const path of files) {
    hash.update(relative(HERE, path).replaceAll("\\", "/") + "\n");
    hash.update(createHash("sha256").update(readFileSync(path)).digest("hex") + "\n");
  }
  return hash.digest("hex");
}

function licences() {
  const parts = BUNDLED.map((name) => {
    const folder = join(HERE, "node_modules", name);
    const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = ["LICENSE", "LICENSE.md", "LICENSE.txt", "OFL.txt"].find((each) => existsSync(join(folder, each)));
    const text = file === undefined ? `Licence: ${about.license}` : readFileSync(join(folder, file), "utf8").trim();
    return `${name} ${about.version} (${about.license})\n${"=".repeat(72)}\n\n${text}\n`;
  });
  return `The studio's page carries the following software and fonts.\n\n\n${parts.join("\n\n")}`;
}

function copyRest() {
  mkdirSync(join(OUT, "fonts"), { recursive: true });
  for (const [family, file] of FONTS) {
    copyFileSync(join(HERE, "node_modules", "@fontsource-variable", family, "files", file), join(OUT, "fonts", file));
  }
  for (const file of ["index.html", "icon.svg"]) copyFileSync(join(HERE, "src", file), join(OUT, file));
  writeFileSync(join(OUT, "LICENCES.txt"), licences());
  writeFileSync(join(OUT, "bundle.json"), JSON.stringify({ sources: sourceHash() }) + "\n");
}

const options = {
  absWorkingDir: HERE,
  entryPoints: { app: "src/main.tsx", theme: "src/theme_first.ts", style: "src/style/all.css" },
  outdir: OUT,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022", "chrome111", "firefox113", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  external: ["/static/fonts/*"],
  legalComments: "none",
  logLevel: "warning",
  charset: "utf8",
};

if (process.argv.includes("--watch")) {
  copyRest();
  await (await context(options)).watch();
} else {
  rmSync(OUT, { recursive: true, force: true });
  await build(options);
  copyRest();
}
